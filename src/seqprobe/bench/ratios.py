"""Summary of the measurements: medians with their spread, paired ratios, and whether goals were reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqprobe.bench.shapes import Shape
from seqprobe.models.engines import ENGINES
from seqprobe.reports.statistics import Interval

COMMON, BARE = "Lightning, one seed", "bare loop, one seed"
AUTO = 1.1
"""How much slower than the best engine ``auto`` may be."""


def quantity(number: int, what: str = "seed") -> str:
    """``1 seed``, ``5 seeds``."""
    return f"{number} {what}{'s' if number > 1 else ''}"


def spread(values: np.ndarray) -> Interval:
    """The median of one measurement over rounds, with the least and the greatest."""
    return Interval(float(np.median(values)), float(np.min(values)), float(np.max(values)), len(values))


def rounds_of(frame: pd.DataFrame, side: str, seeds: int) -> np.ndarray:
    """Milliseconds per seed and update of a side, ``(rounds,)``; empty when it was not measured."""
    chosen = frame[(frame["side"] == side) & (frame["seeds"] == seeds)].sort_values("round")
    return chosen["ms"].to_numpy()


def medians(frame: pd.DataFrame) -> dict[tuple[str, int], float]:
    """Median milliseconds by side and number of seeds."""
    sides = zip(frame["side"].tolist(), frame["seeds"].tolist(), strict=True)
    return {(side, seeds): spread(rounds_of(frame, side, seeds)).median for side, seeds in dict.fromkeys(sides)}


def times_cheaper(frame: pd.DataFrame, than: str, side: str, seeds: int) -> Interval:
    """The cost of ``than`` divided by that of a side, round by round."""
    return spread(rounds_of(frame, than, 1) / rounds_of(frame, side, seeds))


@dataclass(frozen=True)
class Goal:
    """A goal of a shape in words, the ratio that was reached, and whether that meets it."""

    target: str
    reached: Interval
    met: bool


def goals(frame: pd.DataFrame, shape: Shape) -> list[Goal]:
    """Every goal of a shape that was measured."""
    results = []
    for seeds, least in shape.goals.items():
        if len(rounds_of(frame, "auto", seeds)) and len(rounds_of(frame, COMMON, 1)):
            reached = times_cheaper(frame, COMMON, "auto", seeds)
            results.append(Goal(f"{quantity(seeds)} at least {least:g}x cheaper", reached, reached.median >= least))
    if shape.bare is not None and len(rounds_of(frame, "auto", 1)) and len(rounds_of(frame, BARE, 1)):
        reached = spread(rounds_of(frame, "auto", 1) / rounds_of(frame, BARE, 1))
        results.append(Goal(f"1 seed at most {shape.bare:g}x a bare loop", reached, reached.median <= shape.bare))
    for seeds in sorted(set(frame["seeds"].tolist())):
        auto = rounds_of(frame, "auto", seeds)
        others = [rounds for engine in ENGINES if len(rounds := rounds_of(frame, engine, seeds))]
        if len(auto) and len(others) > 1:
            reached = spread(auto / min(others, key=lambda rounds: float(np.median(rounds))))
            target = f"auto at most {AUTO:g}x the best engine, {quantity(seeds)}"
            results.append(Goal(target, reached, reached.median <= AUTO))
    return results
