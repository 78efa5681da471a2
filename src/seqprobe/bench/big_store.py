"""How long a sweep's closing and the check for a finished population take in a store with thousands of others."""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path

from rich.progress import Progress

from seqprobe.commands.sweep_summary import print_closing
from seqprobe.run.outcome import Outcome
from seqprobe.run.pool import JobResult, recover_stores
from seqprobe.run.request import compose
from seqprobe.scoring import Tag
from seqprobe.tracking.finished_runs import finished_population
from seqprobe.tracking.stores.embedded import EmbeddedStore

CHECKS = 20
"""How often the check for a finished population is timed."""


def newest_sweep(database: Path) -> tuple[str, str]:
    """The sweep of the newest population in a database, and that population's identity."""
    statement = f"""select s.value, i.value from runs r
    join tags s on s.run_uuid = r.run_uuid and s.key = '{Tag.SWEEP}'
    join tags k on k.run_uuid = r.run_uuid and k.key = '{Tag.KIND}' and k.value = 'population'
    join tags i on i.run_uuid = r.run_uuid and i.key = '{Tag.POPULATION}'
    where r.status = 'FINISHED' order by r.start_time desc, r.rowid limit 1"""
    with closing(sqlite3.connect(database)) as connection:
        sweeps, identities = connection.execute(statement).fetchone()
    return sweeps.split()[-1], identities.split()[-1]


def median_check_seconds(store: EmbeddedStore, identity: str) -> float:
    """The median time of the check whether a population is finished."""
    seconds = []
    for _ in range(CHECKS):
        start = time.perf_counter()
        if finished_population(store, identity, "auto") is None:
            raise RuntimeError(f"population {identity} is not in {store.uri}")
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def measure_store(folder: Path, sweep: str, identity: str) -> dict[str, float]:
    """Seconds of a check and of the closing of a sweep, in this process, which has composed a request as sweeps do.

    ``processor`` are those in which the closing was computed: on a busy machine it takes longer.
    """
    request = compose(["task=sine", f"tracking.dir={folder}"])
    store = EmbeddedStore(str(folder))
    recover_stores([request], Progress(disable=True))
    checked = median_check_seconds(store, identity)
    start, processor = time.perf_counter(), time.process_time()
    print_closing(sweep, [], [request], [JobResult(Outcome(0.0, "", skipped=True))])
    return {"check": checked, "closing": time.perf_counter() - start, "processor": time.process_time() - processor}


if __name__ == "__main__":
    place, *names = sys.argv[1:]
    print(json.dumps(measure_store(Path(place), *names)))
