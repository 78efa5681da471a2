"""Small sweeps to compare with simulated ones: `python -m seqprobe.bench.measured_sweeps workers=[1,2]`.

What is compared is the processor time of all processes, which other programs disturb little.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqprobe.bench.key_values import integers, keep_rows, read_settings
from seqprobe.bench.phases import call_command
from seqprobe.bench.population_costs import TRAINING
from seqprobe.checks import integer
from seqprobe.run.exit_codes import exit_code


@dataclass
class MeasuredSweeps:
    """What to measure.

    Attributes:
        workers: how many populations train at a time, one number after the other.
        populations: of each sweep.
        seeds, updates: of each population.
        keep: whether docs/ keeps the rows.
    """

    workers: Any = (1, 2)
    populations: int = 12
    seeds: int = 4
    updates: int = 500
    keep: bool = False

    def __post_init__(self) -> None:
        self.workers = integers("workers", self.workers)
        for key in ("populations", "seeds", "updates"):
            integer(key, getattr(self, key))


def sweep_row(settings: MeasuredSweeps, workers: int) -> dict[str, str | float]:
    """Seconds of a sweep in a new store, and of the processor in all of its processes."""
    rates = ",".join(f"{0.001 * (1 + number):g}" for number in range(settings.populations))
    options = [*TRAINING, f"optimizer.lr={rates}", f"seeds={settings.seeds}", f"trainer.max_steps={settings.updates}"]
    call = call_command("sweep", [*options, f"hydra.launcher.jobs={workers}"], clocks=True)
    stated = {"populations": settings.populations, "seeds": settings.seeds, "updates": settings.updates}
    return {"workers": workers, **stated, "seconds": call.passed, "processor": sum(call.phases.values())}


def main(arguments: Sequence[str]) -> None:
    """Measure, print and keep."""
    settings, rows = read_settings(arguments, MeasuredSweeps), []
    for workers in settings.workers:
        rows.append(sweep_row(settings, workers))
        print(rows[-1], flush=True)
    if settings.keep:
        keep_rows("sweeps", rows, ("workers", "populations", "seeds"))


if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: main(sys.argv[1:]), sys.argv[1:]))
