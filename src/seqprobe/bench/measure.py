"""How time is measured: all sides take turns, several times, so that a slow minute of the machine affects all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from seqprobe.bench.sides import Side

FEWEST, MOST = 2, 5000
"""Updates in one measurement."""


def planned_updates(side: Side, seconds: float) -> int:
    """How many updates take a side about ``seconds``, by runs of up to that length after one that compiles.

    A run's own beginning and end take as long as many updates, so a short run does not say how many fit. Of two runs
    the faster one counts, in case the other was interrupted.
    """
    side.run(FEWEST)
    updates = FEWEST
    while True:
        taken = min(side.run(updates), side.run(updates))
        planned = max(FEWEST, min(MOST, int(seconds * updates / taken)))
        if planned <= 2 * updates:
            return planned
        updates = min(planned, 10 * updates)


def measure(sides: Sequence[Side], rounds: int, seconds: float, report: Callable[[str], None]) -> pd.DataFrame:
    """Milliseconds per seed and update: a row per side and round, with ``side``, ``seeds``, ``round``, ``updates``.

    ``report`` is called with a side's name after each of its turns, the one that plans included.
    """
    planned, rows = [], []
    for side in sides:
        planned.append(planned_updates(side, seconds))
        report(side.name)
    for turn in range(rounds):
        for side, updates in zip(sides, planned, strict=True):
            milliseconds = side.run(updates) * 1000 / (updates * side.seeds)
            rows.append({"side": side.name, "seeds": side.seeds, "round": turn, "updates": updates, "ms": milliseconds})
            report(side.name)
    return pd.DataFrame(rows)
