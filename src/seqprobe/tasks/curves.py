"""Curves y(x) with named parameters: lines, hills and sines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

from seqprobe.checks import interval
from seqprobe.constructed import Constructed
from seqprobe.moved_names import moved_member


def __getattr__(name: str) -> Any:
    """The curve tasks, which are in `seqprobe.tasks.curve_tasks`, by the names that users' modules may import."""
    return moved_member(__name__, name)


class Curve(Constructed, ABC):
    """A formula y(x) with named parameters, each a number or a range ``[low, high]`` to draw from uniformly."""

    symbols: ClassVar[dict[str, str]]
    """Parameter names and the letters that stand for them in formulas and metric names."""
    units: ClassVar[dict[str, str]] = {}
    """Of those parameters that have one."""

    def __init__(self, **ranges: Any) -> None:
        self.ranges = {name: interval(name, value) for name, value in ranges.items()}

    @abstractmethod
    def formula(self, x: Tensor, **parameters: Tensor) -> Tensor:
        """y at ``x`` ``(points,)`` for parameters ``(n, 1)``: ``(n, points)``."""

    def draw(self, n: int, generator: torch.Generator, spacing: str = "uniform") -> dict[str, Tensor]:
        """Draw ``n`` values of every parameter, ``(n,)`` each; ``spacing="grid"`` spaces them evenly instead."""
        if spacing == "grid":
            steps = torch.linspace(0, 1, n, dtype=torch.float64)
            return {name: low + (high - low) * steps for name, (low, high) in self.ranges.items()}
        return {
            name: low + (high - low) * torch.rand(n, generator=generator, dtype=torch.float64)
            for name, (low, high) in self.ranges.items()
        }

    def label(self, parameter: str) -> str:
        """A parameter's name with its unit, as figures show it."""
        return f"{parameter} ({self.units[parameter]})" if parameter in self.units else parameter

    def evaluate(self, x: Tensor, parameters: dict[str, Tensor]) -> Tensor:
        """The curves with the given parameters ``(n,)`` at ``x`` ``(points,)``: ``(n, points)``."""
        return self.formula(x, **{name: value.unsqueeze(1) for name, value in parameters.items()})


class Line(Curve):
    """y = slope · x + intercept."""

    symbols: ClassVar = {"slope": "m", "intercept": "t"}

    def __init__(self, slope: Any = 0.175, intercept: Any = 0.3) -> None:
        super().__init__(slope=slope, intercept=intercept)

    def formula(self, x: Tensor, **parameters: Tensor) -> Tensor:
        return parameters["slope"] * x + parameters["intercept"]


class Hill(Curve):
    """y = offset + height · sin(pi x)."""

    symbols: ClassVar = {"height": "h", "offset": "o"}

    def __init__(self, height: Any = 0.3, offset: Any = 0.3) -> None:
        super().__init__(height=height, offset=offset)

    def formula(self, x: Tensor, **parameters: Tensor) -> Tensor:
        return parameters["offset"] + parameters["height"] * torch.sin(torch.pi * x)


class Sine(Curve):
    """y = amplitude · (1 + sin(frequency · x + phase)), frequency in radians per unit of x."""

    symbols: ClassVar = {"amplitude": "a", "frequency": "w", "phase": "p"}
    units: ClassVar = {"frequency": "radians per unit of x", "phase": "radians"}

    def __init__(self, amplitude: Any = 0.3, frequency: Any = 10.0, phase: Any = 0.0) -> None:
        super().__init__(amplitude=amplitude, frequency=frequency, phase=phase)

    def formula(self, x: Tensor, **parameters: Tensor) -> Tensor:
        return parameters["amplitude"] * (1 + torch.sin(parameters["frequency"] * x + parameters["phase"]))
