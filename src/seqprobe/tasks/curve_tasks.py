"""Curves y(x) on x in [0, 1]: reproduce the curve step by step, or predict its parameters after the last step.

Rule of `Reproduce`: the target at every step is the y (or the x and y) that was just fed in.
Rule of `NameParameters`: after the whole curve, output the chosen parameters of its formula.

Worked examples, for a grid of three points x = 0, 0.5, 1:

* ``Reproduce(Line(slope=1, intercept=0.5), features="xy")`` feeds (0, 0.5), (0.5, 1), (1, 1.5), which are the targets.
* ``NameParameters(Sine(amplitude=[0, 0.49]), parameters=["amplitude"])`` may draw amplitude 0.2: it feeds
  0.2, 0.2 (1 + sin 5), 0.2 (1 + sin 10); the target is 0.2.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.tasks.curves import Curve
from seqprobe.tasks.task import Task


class CurveTask(Task):
    """A task whose sequences are curves on one grid of ``points`` values of x in [0, 1]."""

    noun: ClassVar[str] = "a curve task"

    def __init__(self, curve: Curve, features: str, points: int, spacing: str, **task: Any) -> None:
        if not isinstance(curve, Curve):
            raise InvalidValue("curve", curve, "must be a curve: Line, Hill, Sine or your own Curve")
        self.features = choice("features", features, ("xy", "y"))
        self.spacing = choice("spacing", spacing, ("uniform", "grid"))
        if self.spacing == "grid" and sum(low < high for low, high in curve.ranges.values()) > 1:
            raise InvalidValue("spacing", spacing, "takes a curve with one range at most; use uniform")
        self.curve = curve
        self.x = torch.linspace(0, 1, integer("points", points, minimum=2), dtype=torch.float64)
        super().__init__(input_size=len(self.features), loss="mse", max_length=points, **task)

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        return self.pose(self.curve, self.curve.draw(n, generator, self.spacing))

    def pose(self, curve: Curve, parameters: dict[str, Tensor]) -> Batch:
        """A batch of ``n`` sequences with their targets, for any curve with parameters ``(n,)`` each."""
        y = curve.evaluate(self.x, parameters).unsqueeze(-1)
        inputs = torch.cat([self.x.expand(len(y), -1).unsqueeze(-1), y], -1) if self.features == "xy" else y
        lengths = torch.full((len(y),), len(self.x))
        return Batch(inputs, self.targets(inputs, parameters), lengths)

    @abstractmethod
    def targets(self, inputs: Tensor, parameters: dict[str, Tensor]) -> Tensor:
        """The targets of curves fed as ``inputs`` ``(n, points, features)``."""

    def time_axis(self) -> tuple[Tensor, str]:
        return self.x, "x"


class Reproduce(CurveTask):
    """Learn the identity through time: output at every step what was fed in (seq2seq).

    ``settle_after``: errors at x beyond it count in ``val/rmse_settled``, of y alone; before it the network is
    still leaving its zero state.
    """

    noun: ClassVar[str] = "a curve task"

    def __init__(
        self,
        name: str,
        curve: Curve,
        features: str = "y",
        points: int = 100,
        settle_after: float = 0.1,
        spacing: str = "uniform",
        train_size: int | None = 1,
        val_size: int = 1,
        batch_size: int = 1,
    ) -> None:
        self.settle_after = number("settle_after", settle_after)
        if not 0 <= self.settle_after < 1:
            raise InvalidValue("settle_after", settle_after, "must be in [0, 1), the range of x")
        super().__init__(
            curve,
            features,
            points,
            spacing,
            name=name,
            output_names=tuple(features),
            kind="seq2seq",
            train_size=train_size,
            val_size=val_size,
            batch_size=batch_size,
        )

    def targets(self, inputs: Tensor, parameters: dict[str, Tensor]) -> Tensor:
        return inputs

    def settled_mask(self) -> Tensor:
        is_y = torch.tensor([name == "y" for name in self.output_names])
        return (self.x > self.settle_after).unsqueeze(1) & is_y


class NameParameters(CurveTask):
    """Read a whole curve, then predict some of its parameters (seq2vec)."""

    noun: ClassVar[str] = "a parameter task"

    def __init__(
        self,
        name: str,
        curve: Curve,
        parameters: Sequence[str],
        features: str = "y",
        points: int = 100,
        spacing: str = "uniform",
        train_size: int | None = 400,
        val_size: int = 100,
        batch_size: int = 16,
    ) -> None:
        for parameter in parameters:
            choice("parameters", parameter, curve.ranges)
        if not parameters:
            raise InvalidValue("parameters", "[]", f"must name one or more of {', '.join(curve.ranges)}")
        super().__init__(
            curve,
            features,
            points,
            spacing,
            name=name,
            output_names=tuple(parameters),
            kind="seq2vec",
            train_size=train_size,
            val_size=val_size,
            batch_size=batch_size,
        )

    def targets(self, inputs: Tensor, parameters: dict[str, Tensor]) -> Tensor:
        return torch.stack([parameters[name] for name in self.output_names], -1)
