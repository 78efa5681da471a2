"""A progress bar in a notebook, without widgets: one line of HTML that is replaced as the work goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from seqprobe.checks import printable

if TYPE_CHECKING:
    from seqprobe.learning.callbacks import Progress
    from seqprobe.learning.recorder import Notice

INTERVAL = 0.25
"""Seconds between two updates."""


def is_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    module = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


@contextmanager
def notebook_bar(name: str, total: int) -> Iterator[tuple[Progress, Notice]]:
    """One bar; yields a progress callback and a notice callback, whose lines are printed."""
    start, shown = time.monotonic(), time.monotonic()
    display = import_module("IPython.display").display
    handle = display(NotebookBar(name, 0, total, "starting", 0.0), display_id=True)

    def report(done: int, total: int, words: str) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= INTERVAL or not words:
            shown = now
            handle.update(NotebookBar(name, done, total, words, now - start))

    yield report, lambda text: print(printable(text), file=sys.stderr)


class NotebookBar:
    """A bar as it is at one moment."""

    def __init__(self, name: str, done: int, total: int, words: str, seconds: float) -> None:
        self.name, self.done, self.total, self.words, self.seconds = name, done, total, words, seconds

    def __repr__(self) -> str:
        return f"{self.name}  {self.done}/{self.total}  {self.words}  {self.seconds:.0f} s"

    def _repr_html_(self) -> str:
        bar = f'<progress value="{self.done}" max="{self.total}"></progress>'
        return (
            f"<div>{escape(self.name)} {bar} {self.done}/{self.total} {escape(self.words)} {self.seconds:.0f} s</div>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}
