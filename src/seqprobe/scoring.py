"""What a score is: its name, which direction is better, its unit; and the only place where metric names are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["lower", "higher"]
Role = Literal["constant", "floor", "chance"]
"""What a reference level stands for: the best constant predictor, the least possible error, or guessing."""


@dataclass(frozen=True)
class Score:
    """A number by which networks are compared.

    Attributes:
        name: the last part of its metric names: ``rmse`` in ``val/rmse`` and ``probe/amplitude/0.4/rmse``.
        better: the direction of improvement; None for a descriptive number (a peak, an amplitude ratio), which is
            shown but never ranked.
        unit: of its values, ``""`` where they have none.
        log: whether differences are ratios, as between errors, so that comparisons use logarithms.
    """

    name: str
    better: Direction | None
    unit: str = ""
    log: bool = False


RMSE = Score("rmse", "lower", log=True)
ACCURACY = Score("accuracy", "higher")


@dataclass(frozen=True)
class MetricName:
    """The parts of a metric's name.

    Attributes:
        group: ``train``, ``val``, ``best`` (validation with the best weights), ``probe`` or ``reference``.
        measure: the score's name; of a reference level, the level's.
        probe: the probe's name, for ``probe`` alone.
        value: the probed value, or empty for the mean over all of them.
    """

    group: str
    measure: str
    probe: str = ""
    value: str = ""

    def __str__(self) -> str:
        """``val/rmse``, ``best/val/rmse``, ``probe/<probe>/<measure>``, ``probe/<probe>/<value>/<measure>``."""
        middle = {"best": ["val"], "probe": [self.probe, *([self.value] if self.value else [])]}.get(self.group, [])
        return "/".join([self.group, *middle, self.measure])

    @classmethod
    def parse(cls, name: str) -> MetricName:
        """The parts of a metric's name, the inverse of ``str``; a probed value may itself contain slashes."""
        group, *rest = name.split("/")
        if group == "probe" and len(rest) >= 2:
            return cls(group, rest[-1], rest[0], "/".join(rest[1:-1]))
        if group == "best" and len(rest) >= 2:
            return cls(group, "/".join(rest[1:]))
        return cls(group, "/".join(rest))
