"""Probes with curves unlike those of the training data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, choice, interval, number
from seqprobe.probes.bands import Variation, variation
from seqprobe.probes.measures import MEASURES, SCORES
from seqprobe.probes.probe import Members, Probe, training_means
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import score_named
from seqprobe.tasks.curve_tasks import CurveTask, Reproduce
from seqprobe.tasks.curves import Curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CurveTaskT = TypeVar("CurveTaskT", bound=CurveTask)


class CurveProbe(Probe[CurveTaskT]):
    """Curves of one family whose parameters ``vary`` take ``values``; the others stay as ``curve`` states them.

    Args:
        curve: the family; parameters that do not vary must be single numbers.
        vary: the parameter that varies, or a list of those that vary together.
        values: its values; a list for each value where several vary together.
        trained_range: ``[low, high]`` of the first varying parameter that training covered; null takes the task's own,
            if it trains on curves of the same family.

    Raises:
        InvalidValue: no values, a value of the wrong length, an unknown parameter, or a range upside down.
    """

    def __init__(
        self, curve: Curve, vary: str | Sequence[str], values: Sequence[Any], trained_range: Any = None
    ) -> None:
        self.curve = curve
        self.vary = [choice("vary", name, curve.ranges) for name in ([vary] if isinstance(vary, str) else vary)]
        if isinstance(values, str) or not isinstance(values, Sequence) or not values:
            raise InvalidValue("values", values, "must be a list of one or more values")
        self.values = [self._value(value) for value in values]
        if len(set(self.labels)) < len(self.values):
            raise InvalidValue("values", list(values), "must not have duplicates")
        self.trained_range = None if trained_range is None else interval("trained_range", trained_range)
        for name in set(curve.ranges) - set(self.vary):
            if curve.ranges[name][0] != curve.ranges[name][1]:
                raise InvalidValue(f"curve.{name}", list(curve.ranges[name]), "must be one number: it does not vary")

    def _value(self, value: Any) -> list[float]:
        numbers: list[Any] = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        if len(numbers) != len(self.vary):
            raise InvalidValue("values", value, f"must give {len(self.vary)} numbers each: {', '.join(self.vary)}")
        for item in numbers:
            number("values", item)
        return numbers

    def trained_interval(self, task: CurveTaskT) -> tuple[float, float] | None:
        """The range of the first varying parameter that training covered, or None where it saw no such curves."""
        if self.trained_range is not None or type(task.curve) is not type(self.curve):
            return self.trained_range
        return task.curve.ranges[self.vary[0]]

    def trained_ranges(self, task: CurveTaskT) -> dict[str, tuple[float, float]]:
        """The range that training covered of each of the curves' parameters, as far as it is known."""
        known = dict(task.curve.ranges) if type(task.curve) is type(self.curve) else {}
        first = self.trained_interval(task)
        return known if first is None else known | {self.vary[0]: first}

    def is_inside(self, task: CurveTaskT, names: Iterable[str]) -> np.ndarray:
        """Which probed curves have the parameters ``names`` in `trained_ranges`, ``(values,)``; none if unknown."""
        ranges = self.trained_ranges(task)
        inside = np.full(len(self.values), bool(ranges))
        for name in ranges.keys() & set(names):
            values, (low, high) = self.parameters()[name].numpy(), ranges[name]
            inside &= (low <= values) & (values <= high)
        return inside

    def shaded_range(self, task: CurveTaskT, name: str) -> tuple[float, float] | None:
        """The range of a parameter to mark as trained; None where training did not cover the curves' others."""
        others = self.curve.ranges.keys() - {name}
        return self.trained_ranges(task).get(name) if self.is_inside(task, others).all() else None

    @property
    def labels(self) -> list[str]:
        """Values as they stand in metric names: ``0.1``, or ``a0.1_w10`` where several parameters vary together."""
        if len(self.vary) == 1:
            return [str(value) for (value,) in self.values]
        symbols = [self.curve.symbols[name] for name in self.vary]
        return ["_".join(f"{s}{v}" for s, v in zip(symbols, value, strict=True)) for value in self.values]

    @property
    def legend(self) -> list[str]:
        """Values as a figure's legend shows them: ``a = 0.1, w = 10``."""
        symbols = [self.curve.symbols[name] for name in self.vary]
        return [", ".join(f"{s} = {v:g}" for s, v in zip(symbols, value, strict=True)) for value in self.values]

    def variation(self, task: CurveTaskT) -> Variation:
        """The first varying parameter, and how far its values are from training."""
        first = [value[0] for value in self.values]
        return variation(self.curve.label(self.vary[0]), first, self.trained_interval(task), self.reach)

    def varied_label(self) -> str:
        """The first varying parameter with its unit, and which others vary with it."""
        first, *others = self.vary
        return self.curve.label(first) + (f", with another {' and '.join(others)} for each" if others else "")

    def parameters(self) -> dict[str, torch.Tensor]:
        """Every parameter of the probe's curves, ``(values,)`` each."""
        fixed = {name: [low] * len(self.values) for name, (low, _) in self.curve.ranges.items()}
        varied = dict(zip(self.vary, map(list, zip(*self.values, strict=True)), strict=True))
        return {name: torch.tensor(values, dtype=torch.float64) for name, values in (fixed | varied).items()}

    def batch(self, task: CurveTaskT) -> Batch:
        """The probe's curves as the task's inputs and targets, one sequence per value."""
        return task.pose(self.curve, self.parameters())

    def truth(self, task: CurveTaskT) -> np.ndarray:
        """The probe's curves, ``(values, points)``."""
        return self.curve.evaluate(task.x, self.parameters()).numpy()


class ReproductionProbe(CurveProbe[Reproduce]):
    """Other curves, for a network that reproduces curves: y alone is measured."""

    def __init__(
        self,
        curve: Curve,
        vary: str | Sequence[str],
        values: Sequence[Any],
        trained_range: Any = None,
        measures: Sequence[str] = ("rmse", "rmse_settled"),
    ) -> None:
        super().__init__(curve, vary, values, trained_range)
        if isinstance(measures, str):
            raise InvalidValue("measures", measures, f"must be a list of measures: {', '.join(MEASURES)}")
        self.measures = [choice("measures", name, MEASURES) for name in measures]
        stated = [score_named(name, SCORES) for name in self.measures]
        self.scores = tuple(sorted(stated, key=lambda score: score.better is None))  # ranked ones before descriptive

    def run(self, members: Members, task: Reproduce, seeds: Sequence[int]) -> ProbeResult:
        x, truth, y = task.x.numpy(), self.truth(task), task.output_names.index("y")
        outputs = members.predict(self.batch(task))[..., y]
        scores = {name: MEASURES[name](x, truth, outputs) for name in self.measures}
        constant = np.broadcast_to(training_means(task, seeds)[:, y, None, None], outputs.shape)
        errors = [score.name for score in self.scores if score.better is not None]
        table = pd.DataFrame(
            {
                "seed": np.repeat(seeds, truth.size),
                "value": np.tile(np.repeat(self.labels, len(x)), len(seeds)),
                "x": np.tile(x, len(seeds) * len(truth)),
                "truth": np.tile(truth.ravel(), len(seeds)),
                "prediction": outputs.ravel(),
            }
        )
        return ProbeResult(
            self.labels,
            scores,
            {"truth": truth, "outputs": outputs},
            table,
            levels={name: {"constant": MEASURES[name](x, truth, constant)} for name in ["rmse", *errors]},
            shared=["truth"],
            **self.variation(task),
        )

    def draw(self, result: ProbeResult, task: Reproduce, title: str) -> Figure:
        truth = result.arrays["truth"]
        ends = {name: torch.tensor(pair, dtype=torch.float64) for name, pair in task.curve.ranges.items()}
        trained = task.curve.evaluate(task.x, ends).numpy()
        return figures.curve_probe(
            task.x.numpy(),
            "x",
            truth,
            result.arrays["outputs"],
            self.legend,
            np.array([value[0] for value in self.values]),
            self.varied_label(),
            self.shaded_range(task, self.vary[0]),
            (trained.min(0), trained.max(0)),
            rmse_of(result),
            result.labelled_levels("rmse"),
            title,
        )


def rmse_of(result: ProbeResult) -> np.ndarray:
    """RMSE per member and value, ``(seeds, values)``, from a result's arrays."""
    return np.asarray(np.sqrt(((result.arrays["outputs"] - result.arrays["truth"]) ** 2).mean(-1)))
