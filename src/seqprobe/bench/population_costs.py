"""What a population costs by its number of seeds: `python -m seqprobe.bench.population_costs seeds=[1,16]`.

Every training runs in a process of its own, so that its peak memory is its own. Each number of seeds trains three
times: first to compile what is compiled; then in a new store with few and with more updates. What an update costs is
the difference, and what the store (SQLite) has more after the last one is a population's. The numbers of validations
and of recorded losses do not grow with updates (about 20 and 150).
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqprobe.bench.key_values import integers, keep_rows, read_settings
from seqprobe.bench.phases import environment
from seqprobe.checks import InvalidValue
from seqprobe.failure import JobFailed
from seqprobe.run.exit_codes import exit_code

TRAINING = ("task=line_xy", "model=rnn", "engine=compiled")
"""What is trained: short sequences, with all figures, probes and metrics of the task."""
TABLES = ("runs", "metrics", "latest_metrics", "params", "tags")
ERRORS = "errors"
"""The file with what a measured training prints about its problems."""
SHOWN_PHASES = ("imports", "composing", "training", "probing", "drawing", "recording")


@dataclass
class PopulationCosts:
    """What to measure.

    Attributes:
        seeds: numbers of seeds.
        updates: two lengths of a training; or one, whose time then counts as that of its updates.
        keep: whether docs/ keeps the rows.
    """

    seeds: Any = (1, 4, 16, 64, 256, 1024, 4096)
    updates: Any = (100, 500)
    keep: bool = False

    def __post_init__(self) -> None:
        self.seeds = integers("seeds", self.seeds)
        self.updates = integers("updates", self.updates)
        if len(self.updates) > 2 or sorted(set(self.updates)) != self.updates:
            raise InvalidValue("updates", self.updates, "must be one number, or two, the smaller one first")


def make_store(folder: Path) -> None:
    """Make an empty store: what MLflow does once in every store is not to be measured."""
    code = f"from seqprobe.tracking.stores.embedded import EmbeddedStore; EmbeddedStore({str(folder)!r}).client()"
    subprocess.run([sys.executable, "-c", code], check=True, env=environment())


def population_row(settings: PopulationCosts, seeds: int) -> dict[str, str | float]:
    """What a population of so many seeds costs."""
    *fewer, more = settings.updates
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name), Path(name) / "store"
        make_store(store)
        for few in fewer:
            train(folder, seeds, max(1, few // 2))
        short = [train(folder, seeds, few) for few in fewer]
        before = store_sizes(store)
        long = train(folder, seeds, more)
        seconds = long["training"] - sum(one["training"] for one in short)
        row: dict[str, str | float] = {"seeds": seeds, "updates": more}
        row |= {"ms_per_update": 1000 * seconds / (more - sum(fewer))}
        return row | long | {name: size - before[name] for name, size in store_sizes(store).items()}


def train(folder: Path, seeds: int, updates: int, *further: str) -> dict[str, float]:
    """Train with clocks: seconds in all and of the processor, the latter also by phase, and peak memory in MiB.

    Raises:
        JobFailed: the training failed; its message is the last line that the training printed.
    """
    options = [*TRAINING, f"seeds={seeds}", f"trainer.max_steps={updates}", f"tracking.dir={folder / 'store'}"]
    command = [sys.executable, "-m", "seqprobe.bench.counted_requests", str(folder), "train", *options, *further]
    start = time.perf_counter()
    with (folder / ERRORS).open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env=environment())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # Popen cannot know: wait4 has waited in its place
    if status:
        last = (folder / ERRORS).read_text(errors="replace").strip().rpartition("\n")[2]
        raise JobFailed(last.removeprefix("error: ") or f"a training failed: {' '.join(command)}")
    phases = json.loads((folder / "command").read_text())
    return {
        "seconds": time.perf_counter() - start,
        "processor": used.ru_utime + used.ru_stime,
        **{phase: float(phases.get(phase, 0.0)) for phase in SHOWN_PHASES},
        "memory_mib": used.ru_maxrss / 1024,
    }


def table_rows(store: Path) -> dict[str, int]:
    """The rows of each table of an embedded store."""
    with closing(sqlite3.connect(store / "mlflow.db")) as database:
        return {name: database.execute(f"select count(*) from {name}").fetchone()[0] for name in TABLES}


def database_bytes(store: Path) -> int:
    """The size of an embedded store's database, with what its log still has."""
    with closing(sqlite3.connect(store / "mlflow.db")) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    return (store / "mlflow.db").stat().st_size


def store_sizes(store: Path) -> dict[str, int]:
    """Rows, bytes of the database, and the artifacts' bytes and number."""
    sizes = [path.stat().st_size for path in (store / "artifacts").rglob("*") if path.is_file()]
    artifacts = {"artifact_bytes": sum(sizes), "files": len(sizes)}
    return {**table_rows(store), "database_bytes": database_bytes(store), **artifacts}


def main(arguments: Sequence[str]) -> None:
    """Measure, print and keep."""
    settings = read_settings(arguments, PopulationCosts)
    for seeds in settings.seeds:
        row = population_row(settings, seeds)
        print(row, flush=True)
        if settings.keep:
            keep_rows("populations", [row], ("seeds",))


if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: main(sys.argv[1:]), sys.argv[1:]))
