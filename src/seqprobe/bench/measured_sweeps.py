"""Small sweeps to compare with simulated ones: `python -m seqprobe.bench.measured_sweeps workers=[1,2]`.

Best on a machine that does nothing else: what is compared is the time that passes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqprobe.bench.key_values import integers, keep_rows, read_settings
from seqprobe.bench.phases import environment, make_store, script_path, used_seconds
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
    """Seconds of a sweep in a new store, and of the processor."""
    rates = ",".join(f"{0.001 * (1 + number):g}" for number in range(settings.populations))
    options = [*TRAINING, f"optimizer.lr={rates}", f"seeds={settings.seeds}", f"trainer.max_steps={settings.updates}"]
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder))
        options += [f"tracking.dir={folder}", f"hydra.launcher.jobs={workers}"]
        start, before = time.perf_counter(), used_seconds()
        command = [sys.executable, str(script_path("sweep")), *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        seconds, processor = time.perf_counter() - start, used_seconds() - before
    stated = {"populations": settings.populations, "seeds": settings.seeds, "updates": settings.updates}
    return {"workers": workers, **stated, "seconds": seconds, "processor": processor}


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
