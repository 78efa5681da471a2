"""What a pool costs for each request, and how that grows with their number: `python -m seqprobe.bench.pool_load`.

The requests are of a population that is finished, or are refused at once, so that nothing but the pool takes time.

    python -m seqprobe.bench.pool_load pool=ray requests=[100,1000] trivial=refused     # in a Ray cluster that runs
    python -m seqprobe.bench.pool_load pool=slurm requests=1000 run=false 'options={options: {hold: true}}'
"""

from __future__ import annotations

import dataclasses
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqprobe.bench.key_values import integers, keep_rows, read_settings
from seqprobe.checks import choice, integer
from seqprobe.config.compose import Composition
from seqprobe.config.multirun import LauncherChoice
from seqprobe.run.exit_codes import exit_code
from seqprobe.run.job import run_job
from seqprobe.run.pools.job_pool import Pool
from seqprobe.run.pools.pool_choice import POOLS, make_pool
from seqprobe.run.request import compose

TRAINING = ("task=line_xy", "model=rnn", "engine=stacked", "seeds=1", "trainer.max_steps=4", "~task.probes")
KINDS = ("finished", "refused")
COMPOSED = 50
"""How many requests are composed to see what that takes."""


@dataclass
class PoolLoad:
    """What to measure.

    Attributes:
        pool: the choice of ``hydra/launcher``; ``options`` are its keys.
        requests: how many at once, one number after the other.
        trivial: what they are: of a finished population, or ``refused`` as there is no such engine.
        run: whether they run; else they are submitted and cancelled.
        at_a_time: how many run at once in this pool.
        keep: whether docs/ keeps the rows.
    """

    pool: str = "processes"
    requests: Any = (10, 100)
    trivial: str = "finished"
    run: bool = True
    at_a_time: int = 2
    options: dict[str, Any] = field(default_factory=dict)
    keep: bool = False

    def __post_init__(self) -> None:
        choice("pool", self.pool, POOLS)
        choice("trivial", self.trivial, KINDS)
        integer("at_a_time", self.at_a_time)
        self.requests = integers("requests", self.requests)


def trivial_composition(kind: str, folder: Path) -> Composition:
    """A composition that a job is done with at once."""
    request = compose([*TRAINING, f"tracking.dir={folder}"])
    if kind == "finished":
        run_job(request)
        return request.composition
    config = request.composition.config
    return dataclasses.replace(request.composition, config={**config, "engine": "none"})


def composing(folder: Path) -> dict[str, str | float]:
    """Seconds and KiB that a request takes which a command composes and holds."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    requests = [
        compose([*TRAINING, f"optimizer.lr={0.0001 * (rate + 1)}", f"tracking.dir={folder}"])
        for rate in range(COMPOSED)
    ]
    seconds = (time.process_time() - start) / len(requests)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / len(requests)
    return {"compose_seconds": seconds, "compose_kib": memory}


def pool_row(settings: PoolLoad, pool: Pool, composition: Composition, count: int) -> dict[str, str | float]:
    """Seconds until requests are submitted, until the first one has started, and until all have ended."""
    jobs, begin = {f"request-{number}": composition for number in range(count)}, time.monotonic()
    ended, first, submitted = set[str](), 0.0, 0.0
    try:
        pool.start(jobs)
        submitted = time.monotonic() - begin
        while settings.run and len(ended) < count:
            for message in pool.wait():
                first = first or time.monotonic() - begin
                if message.kind in ("done", "failed"):
                    ended.add(message.job)
        if not settings.run:
            pool.wait()
    finally:
        end = time.monotonic() - begin
        pool.end(interrupted=False)
    row: dict[str, str | float] = {"pool": settings.pool, "requests": count, "run": str(settings.run).lower()}
    return row | {
        "at_a_time": settings.at_a_time,
        "submit_seconds": submitted,
        "first_seconds": first,
        "seconds": end,
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, print and keep."""
    settings, rows = read_settings(arguments, PoolLoad), []
    with tempfile.TemporaryDirectory() as folder:
        composition = trivial_composition(settings.trivial, Path(folder))
        composed = composing(Path(folder))
        for count in settings.requests:
            pool = make_pool(LauncherChoice(settings.pool, settings.options))
            rows.append(pool_row(settings, pool, composition, count) | composed)
            print(rows[-1], flush=True)
    if settings.keep:
        keep_rows("pools", rows, ("pool", "requests", "run"))


if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: main(sys.argv[1:]), sys.argv[1:]))
