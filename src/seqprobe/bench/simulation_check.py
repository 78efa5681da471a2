"""Simulated load tests and sweeps beside measured ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seqprobe.bench.key_values import kept_rows
from seqprobe.bench.measured_costs import Sweep, load_rows, of_seeds, sweep_costs
from seqprobe.bench.simulated_sweep import Costs, simulate

TOLERANCE = 0.3
"""By how much of the measured figure a simulated one may differ."""


@dataclass(frozen=True)
class Compared:
    """A figure that was measured and simulated.

    Attributes:
        is_input: whether the simulation was fed with it.
    """

    name: str
    unit: str
    measured: float
    simulated: float
    is_input: bool = False

    @property
    def difference(self) -> float:
        """By how much of the measured figure the simulated one is greater."""
        return self.simulated / self.measured - 1


def compared_loads(store: str) -> Iterator[Compared]:
    """Populations a second that a store takes, by its number of writers.

    The first and the best are the inputs: one writer waits for nobody, and many get recorded what the store can take.
    """
    rows = load_rows(store)
    best = max(float(row["per_second"]) for row in rows)
    service = 1 / best
    own = max(0.0, 1 / float(rows[0]["per_second"]) - service)
    for row in rows:
        writers, measured = int(row["writers"]), float(row["per_second"])
        found = simulate(int(row["populations"]), writers, Costs(own, service), spread=0.0)
        name = f"{row['store']}, {writers} writer{'s' if writers > 1 else ''}"
        is_input = row is rows[0] or measured == best
        yield Compared(name, "populations/s", measured, int(row["populations"]) / found.seconds, is_input)


def compared_sweeps() -> Iterator[Compared]:
    """Seconds of processor time of small sweeps."""
    for row in kept_rows("sweeps"):
        workers = int(row["workers"])
        seeds = "1 seed" if row["seeds"] == "1" else f"{row['seeds']} seeds"
        name = f"{row['populations']} populations of {seeds}, {workers} at a time"
        yield Compared(name, "s of processor time", float(row["processor"]), simulated_processor(row))


def simulated_processor(row: Mapping[str, str]) -> float:
    """The processor time of a sweep: its workers', its store's, its composing, and the imports of two processes."""
    populations, seeds, updates, workers = (int(row[key]) for key in ("populations", "seeds", "updates", "workers"))
    sweep = Sweep(populations, seeds, updates, workers)
    found = simulate(sweep.populations, sweep.workers, sweep_costs(sweep))
    used = found.shares["workers"] * sweep.workers + found.shares["store"] + found.shares["composing"]
    return used * found.seconds + 2 * of_seeds("imports", sweep.seeds)
