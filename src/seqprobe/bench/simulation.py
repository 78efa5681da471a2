"""How long a sweep takes, what it needs and what holds it up: `python -m seqprobe.bench.simulation populations=100000`.

    python -m seqprobe.bench.simulation populations=1000000 seeds=16 workers=64 store=server pool=slurm per_job=100

The costs are those that docs/scaling_*.csv keep; docs/scaling.md compares simulated sweeps with measured ones.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from seqprobe.bench.cost_page import Table, markdown_table
from seqprobe.bench.key_values import read_settings
from seqprobe.bench.measured_costs import Sweep, sweep_costs, sweep_sizes
from seqprobe.bench.simulated_sweep import Simulated, simulate
from seqprobe.run.exit_codes import exit_code


def result_table(sweep: Sweep, simulated: Simulated) -> Table:
    """What was found, a line for each figure."""
    hours, store = simulated.seconds / 3600, simulated.store
    rows = [
        ["hours", f"{hours:.3g}"],
        ["core-hours", f"{hours * sweep.workers:.3g}"],
        *([f"{part} busy", f"{100 * share:.0f} %"] for part, share in simulated.shares.items()),
        ["bottleneck", simulated.bottleneck],
        ["longest queue at the store", str(store.longest)],
        [
            "wait at the store, mean and longest",
            f"{store.waited / sweep.populations:.3g} s, {store.longest_wait:.3g} s",
        ],
        *([name, f"{size:.3g}"] for name, size in sweep_sizes(sweep).items()),
    ]
    return ["figure", "simulated"], rows


def main(arguments: Sequence[str]) -> None:
    """Simulate and print."""
    sweep = read_settings(arguments, Sweep)
    simulated = simulate(sweep.populations, sweep.workers, sweep_costs(sweep))
    print(markdown_table(result_table(sweep, simulated)))


if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: main(sys.argv[1:]), sys.argv[1:]))
