"""Processes that draw a comparison's figures, a task at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager

from seqprobe.reports.comparison import Comparison
from seqprobe.reports.comparison_figures import Picture, pictures
from seqprobe.run.progress import bars
from seqprobe.tracking.stores.store import Store

MOST_WORKERS = 4


class Drawers:
    """Processes that draw; they are started before there is anything to draw, and get ready meanwhile."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool

    def draw(self, found: Sequence[Comparison], store: Store) -> dict[str, list[Picture]]:
        """Every task's figures, with a bar meanwhile."""
        drawn = {each.task: self.pool.submit(pictures, each, store) for each in found}
        with bars() as progress:
            task = progress.add_task("drawing", total=len(found), words="")
            for future in as_completed(drawn.values()):
                future.result()
                progress.advance(task)
        return {name: future.result() for name, future in drawn.items()}


@contextmanager
def drawers() -> Iterator[Drawers]:
    """Drawers, for as long as the context lasts."""
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for _ in range(workers):
            pool.submit(pictures_are_loaded)
        yield Drawers(pool)


def pictures_are_loaded() -> bool:
    """The first task of every process: running it makes the process import this module."""
    return True
