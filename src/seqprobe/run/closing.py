"""What a sweep ends with: the table, what did not finish, and where to look further."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from seqprobe.config.build import build_store
from seqprobe.config.composing import plain_config
from seqprobe.reports.table import closing_tables
from seqprobe.tracking.read import failures, members
from seqprobe.tracking.store import Store


def print_closing(sweep: str, arguments: Sequence[str]) -> None:
    """Print the closing table of the sweep with this id, from the store that ``arguments`` name."""
    store = store_of(arguments)
    console = Console(width=None if Console().is_terminal else 160)
    frame = members(store, sweep)
    if len(frame):
        for table in closing_tables(frame[frame["status"] == "FINISHED"]):
            console.print(table)
    for name, status, reason in failures(store, sweep):
        console.print(f"{status}  {name}: {reason}", style="red", markup=False)
    console.print(f"Open the UI: {store.opening()}", soft_wrap=True, highlight=False)


def store_of(arguments: Sequence[str]) -> Store:
    """The store that the ``tracking`` overrides among ``arguments`` name."""
    return build_store(plain_config(*[argument for argument in arguments if argument.startswith("tracking")]))
