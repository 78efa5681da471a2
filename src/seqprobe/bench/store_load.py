"""How many populations a store takes from several processes that write at once: `python -m seqprobe.bench.store_load`.

Each process records one population after the other, whose results are known: it looks for finished ones, locks or
leases the members, opens runs, records all metrics and files, and closes the runs, but trains nothing.

    python -m seqprobe.bench.store_load writers=[1,2,4,8] populations=24                          # a folder: SQLite
    python -m seqprobe.bench.store_load store=postgresql uri=http://127.0.0.1:5000 writers=[1,4]  # a server that runs
"""

from __future__ import annotations

import multiprocessing
import pickle
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import psutil

from seqprobe.bench.key_values import integers, keep_rows, read_settings
from seqprobe.bench.known_result import numbered, train_once, without_training
from seqprobe.checks import integer
from seqprobe.run.exit_codes import exit_code
from seqprobe.run.job import run_job
from seqprobe.run.request import Request, compose

TRAINING = ("task=line_xy", "model=rnn", "engine=stacked", "trainer.max_steps=200")
"""The population that is recorded: one of short sequences, with the figures, probes and metrics that all have."""
LONGEST_WAIT = 120.0
"""Seconds for which a process may be prepared."""


@dataclass
class StoreLoad:
    """What to measure.

    Attributes:
        writers: how many processes record at once, one number after the other.
        populations: how many they record together.
        rounds: how often; the fastest counts, which other programs have disturbed least.
        seeds: of each population.
        uri: of a server; None: a new folder with SQLite.
        store: what the store is called in the table.
        processes: ids of the server's processes on this machine, whose processor time is counted.
        keep: whether docs/ keeps the rows.
    """

    writers: Any = (1, 2, 4, 8)
    populations: int = 24
    rounds: int = 1
    seeds: int = 2
    uri: str | None = None
    store: str = "sqlite"
    processes: Any = ()
    keep: bool = False

    def __post_init__(self) -> None:
        self.writers = integers("writers", self.writers)
        integer("populations", self.populations, minimum=max(self.writers))
        integer("rounds", self.rounds)
        integer("seeds", self.seeds)
        self.processes = integers("processes", self.processes) if self.processes else []


@dataclass(frozen=True)
class Recorded:
    """One population: when its recording began and ended, in seconds of the machine's clock, and computing time."""

    begin: float
    end: float
    processor: float


def measure_load(settings: StoreLoad, folder: Path) -> list[dict[str, str | float]]:
    """A row for each number of writers, which take turns in each round."""
    place = ["tracking=server", f"tracking.uri={settings.uri}"] if settings.uri else []
    overrides = [*TRAINING, f"seeds={settings.seeds}", *place]
    template = compose([*TRAINING, f"seeds={settings.seeds}", f"tracking.dir={folder / 'known'}"])
    known = folder / "known.pickle"
    known.write_bytes(pickle.dumps(train_once(template, folder / "journal")))
    fastest: dict[int, dict[str, str | float]] = {}
    for number, writers in [(number, writers) for number in range(settings.rounds) for writers in settings.writers]:
        here = [*overrides, f"tracking.dir={folder / f'store{number}-{writers}'}"]
        row = measure_writers(settings, writers, here, known)
        print(row, flush=True)
        fastest[writers] = max(fastest.get(writers, row), row, key=lambda one: float(one["per_second"]))
    return list(fastest.values())


def measure_writers(settings: StoreLoad, writers: int, overrides: Sequence[str], known: Path) -> dict[str, str | float]:
    """The row of so many writers."""
    request = compose(overrides)
    page = request.description
    request.store.experiment_id(page.experiment, page.experiment_text, page.experiment_view)
    share = [len(range(writer, settings.populations, writers)) for writer in range(writers)]
    before = sum(map(processor_seconds, settings.processes))
    recorded = record_together(overrides, known, share)
    used = sum(map(processor_seconds, settings.processes)) - before
    return load_row(settings, writers, recorded) | {"server_seconds": used / len(recorded)}


def record_together(overrides: Sequence[str], known: Path, share: Sequence[int]) -> list[Recorded]:
    """What processes recorded that began together, each its share of populations."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["seqprobe.run.worker", "seqprobe.bench.known_result"])
    barrier = context.Barrier(len(share))
    with context.Pool(len(share), initializer=keep_barrier, initargs=(barrier,)) as pool:
        calls = [(list(overrides), known, index, count) for index, count in enumerate(share)]
        return [one for part in pool.starmap(record_share, calls, chunksize=1) for one in part]


def keep_barrier(barrier: Barrier) -> None:
    """Let `record_share` know what its process waits at."""
    global START
    START = barrier


START: Barrier


def record_share(overrides: Sequence[str], known: Path, index: int, count: int) -> list[Recorded]:
    """Record a known result ``count`` times, as populations of their own; in a process of its own."""
    request, result = compose(overrides), pickle.loads(known.read_bytes())
    request.store.check()
    request.store.client()
    recorded = []
    with without_training(result):
        START.wait(LONGEST_WAIT)
        for number in range(count):
            recorded.append(timed_job(numbered(request, 1_000_000 * (index + 1) + number + time.time_ns())))
    return recorded


def timed_job(request: Request) -> Recorded:
    """Run a request, and time it."""
    begin, processor = time.monotonic(), time.process_time()
    run_job(request)
    return Recorded(begin, time.monotonic(), time.process_time() - processor)


def processor_seconds(process: int) -> float:
    """The processor time so far of a process of this machine and of those that it has started, also ended ones."""
    whole = psutil.Process(process)
    return float(sum(sum(one.cpu_times()[:4]) for one in (whole, *whole.children(recursive=True))))


def load_row(settings: StoreLoad, writers: int, recorded: Sequence[Recorded]) -> dict[str, str | float]:
    """Populations a second, and the seconds that one took: its median, its worst, and its computing."""
    seconds = [one.end - one.begin for one in recorded]
    passed = max(one.end for one in recorded) - min(one.begin for one in recorded)
    return {
        "store": settings.store,
        "writers": writers,
        "seeds": settings.seeds,
        "populations": len(recorded),
        "per_second": len(recorded) / passed,
        "median_seconds": statistics.median(seconds),
        "worst_seconds": max(seconds),
        "processor_seconds": statistics.mean(one.processor for one in recorded),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, print and keep."""
    settings = read_settings(arguments, StoreLoad)
    with tempfile.TemporaryDirectory() as folder:
        rows = measure_load(settings, Path(folder))
    if settings.keep:
        keep_rows("load", rows, ("store", "writers", "seeds"))


if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: main(sys.argv[1:]), sys.argv[1:]))
