"""Processes that draw a comparison's figures, a task at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager

from seqprobe.reports.comparison import Comparison
from seqprobe.reports.comparison_figures import Picture, pictures
from seqprobe.run.progress import progress_bars
from seqprobe.tracking.stores.store import Store

MOST_WORKERS = 4


class FigurePool:
    """Processes that draw; they start before there is anything to draw, so that their imports take no extra time."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool

    def draw(self, compared: Sequence[Comparison], store: Store) -> dict[str, list[Picture]]:
        """Every task's figures, with a bar meanwhile."""
        drawn = {comparison.task: self.pool.submit(pictures, comparison, store) for comparison in compared}
        with progress_bars() as progress:
            task = progress.add_task("drawing", total=len(compared), words="")
            for future in as_completed(drawn.values()):
                future.result()
                progress.advance(task)
        return {name: future.result() for name, future in drawn.items()}


@contextmanager
def figure_pool() -> Iterator[FigurePool]:
    """A pool of processes, for as long as the context lasts.

    They are forked from the server that a sweep's jobs came from, if there is one, so that nothing is imported twice.
    """
    workers, context = min(os.cpu_count() or 1, MOST_WORKERS), multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(workers, context) as pool:
        for _ in range(workers):
            pool.submit(import_figures)
        yield FigurePool(pool)


def import_figures() -> bool:
    """The first task of every process: running it imports this module, and with it the figures."""
    return True
