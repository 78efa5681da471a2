"""What a store costs by the number of populations in it: `python -m seqprobe.bench.store_growth populations=[1,1000]`.

A sweep of one population is copied many times over, with its whole history of metrics; then the check for a finished
population, the opening of runs, the recording of one more population and the closing of a sweep are timed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from seqprobe.bench.big_store import measure_store, newest_sweep
from seqprobe.bench.clocks import Clocks
from seqprobe.bench.key_values import integers, keep_rows, read_settings
from seqprobe.bench.known_result import KnownResult, numbered, train_once, without_training
from seqprobe.bench.multiplied_store import COPIED, multiply_store
from seqprobe.bench.phases import environment, script_path
from seqprobe.bench.population_costs import TABLES, database_bytes, table_rows
from seqprobe.bench.store_load import TRAINING, timed_job
from seqprobe.run.exit_codes import exit_code
from seqprobe.run.request import Request, compose
from seqprobe.tracking import mlflow_recorder, opened_runs
from seqprobe.tracking.stores.embedded import EmbeddedStore

SEEDS = 1
RECORDED = 5
"""How many populations are recorded to time one."""
PAGE = 100
"""Runs that MLflow's page asks for at once."""


@dataclass
class StoreGrowth:
    """What to measure.

    Attributes:
        populations: numbers of populations in the store.
        keep: whether docs/ keeps the rows.
    """

    populations: Any = (1, 10, 100, 1000, 10000)
    keep: bool = False

    def __post_init__(self) -> None:
        self.populations = integers("populations", self.populations)


def growth_row(source: Path, store: Path, known: KnownResult, populations: int) -> dict[str, str | float]:
    """What a store of so many populations costs; ``store`` is a new folder."""
    multiply_store(source, store, populations, tables=True, copied={**COPIED, "metrics": "x.value"})
    row: dict[str, str | float] = {"populations": populations, "seeds": SEEDS}
    row |= {"rows": sum(table_rows(store)[table] for table in TABLES), "database_bytes": database_bytes(store)}
    sweep, identity = newest_sweep(source / "mlflow.db")
    seconds = measure_store(store, sweep, identity)
    row |= {"check_seconds": seconds["check"], "closing_seconds": seconds["processor"]}
    row |= recording_seconds(compose([*TRAINING, f"seeds={SEEDS}", f"tracking.dir={store}"]), known)
    return row | {"page_seconds": page_seconds(EmbeddedStore(str(store)))}


def recording_seconds(request: Request, known: KnownResult) -> dict[str, float]:
    """Median processor time of recording one more population, and of opening its runs."""
    opening, whole = list[float](), list[float]()
    for _ in range(RECORDED):
        clocks = Clocks(time.process_time)
        timed = clocks.wrap("opening", opened_runs.open_runs)
        with without_training(known), patch.object(mlflow_recorder, "open_runs", timed):
            one = timed_job(numbered(request, time.time_ns()))
        opening.append(clocks.seconds["opening"])
        whole.append(one.processor)
    return {"opening_seconds": statistics.median(opening), "recording_seconds": statistics.median(whole)}


def page_seconds(store: EmbeddedStore) -> float:
    """What MLflow's search takes for the first page of an experiment's runs."""
    client, experiment = store.client(), store.experiment_id("line_xy")
    start = time.perf_counter()
    client.search_runs([experiment], max_results=PAGE, order_by=["attributes.start_time desc"])
    return time.perf_counter() - start


def main(arguments: Sequence[str]) -> None:
    """Measure, print and keep."""
    settings = read_settings(arguments, StoreGrowth)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        options = [*TRAINING, f"seeds={SEEDS}", f"tracking.dir={source}"]
        command = [sys.executable, str(script_path("sweep")), *options]
        subprocess.run(command, check=True, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        known = train_once(
            compose([*TRAINING, f"seeds={SEEDS}", f"tracking.dir={folder}/known"]), Path(folder) / "journal"
        )
        for populations in settings.populations:
            row = growth_row(source, Path(folder) / f"store{populations}", known, populations)
            print(row, flush=True)
            if settings.keep:
                keep_rows("stores", [row], ("populations",))


if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: main(sys.argv[1:]), sys.argv[1:]))
