"""Progress bars for long work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from seqprobe.checks import printable
from seqprobe.run.notebook_progress import is_notebook, notebook_bar

if TYPE_CHECKING:
    from seqprobe.learning.callbacks import Progress as Report
    from seqprobe.learning.recorder import Notice


STARTING = "starting"


def progress_bars() -> Progress:
    """Bars with a name, how much of how much is done, a few words and the time; on standard error."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=24), MofNCompleteColumn())
    times = (TextColumn("{task.fields[words]}", markup=False), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, *times, console=Console(stderr=True), refresh_per_second=4)


@contextmanager
def progress_bar(name: str, total: int) -> Iterator[tuple[Report, Notice]]:
    """One bar; yields a progress callback and a notice callback, whose lines are printed above the bar.

    A bar of which nothing was reported does not stay: there was nothing to do.
    """
    if is_notebook():
        with notebook_bar(name, total) as callbacks:
            yield callbacks
        return
    with progress_bars() as progress:
        task = progress.add_task(name, total=total, words=STARTING)

        def report(done: int, total: int, words: str) -> None:
            progress.update(task, completed=done, words=words)

        yield report, lambda words: say(progress, words)
        if progress.tasks[task].fields["words"] == STARTING:
            progress.remove_task(task)


def say(progress: Progress, words: str, style: str | None = None) -> None:
    """Print a line above the bars."""
    progress.console.print(printable(words), style=style, highlight=False, markup=False, soft_wrap=True)
