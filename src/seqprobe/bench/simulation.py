"""How long a sweep takes, what it needs and what holds it up: `python -m seqprobe.bench.simulation populations=100000`.

    python -m seqprobe.bench.simulation populations=1000000 seeds=16 workers=64 store=server pool=slurm per_job=100

The costs are those that docs/scaling_*.csv keep; docs/scaling.md compares simulated sweeps with measured ones.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from seqprobe.bench.cost_page import markdown_table
from seqprobe.bench.key_values import Row, keep_rows, read_settings, shown
from seqprobe.bench.measured_costs import Sweep, sweep_costs, sweep_sizes
from seqprobe.bench.simulated_sweep import simulate
from seqprobe.run.exit_codes import exit_code

STATED = ("populations", "seeds", "updates", "workers", "store", "servers", "pool", "per_job", "commands")


def simulated_row(sweep: Sweep) -> Row:
    """What a sweep is, and what was found of it."""
    simulated = simulate(sweep.populations, sweep.workers, sweep_costs(sweep))
    hours, store = simulated.seconds / 3600, simulated.store
    return {
        **{key: getattr(sweep, key) for key in STATED},
        "hours": hours,
        "core-hours": hours * sweep.workers,
        **{f"{part} busy": share for part, share in simulated.shares.items()},
        "bottleneck": simulated.bottleneck,
        "longest queue at the store": store.longest,
        "mean wait there, s": store.waited / sweep.populations,
        "longest wait there, s": store.longest_wait,
        **sweep_sizes(sweep),
    }


def main(arguments: Sequence[str]) -> None:
    """Simulate, print and keep."""
    sweep = read_settings(arguments, Sweep)
    row = simulated_row(sweep)
    print(markdown_table((["figure", "simulated"], [[name, shown(value)] for name, value in row.items()])))
    if sweep.keep:
        keep_rows("simulated", [row], ("populations", "store", "servers", "pool"))


if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: main(sys.argv[1:]), sys.argv[1:]))
