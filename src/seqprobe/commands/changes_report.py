"""What ``compare.py against=…`` does: report what became better or worse since an earlier sweep, and fail if worse."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import pandas as pd

import seqprobe
from seqprobe.checks import InvalidValue
from seqprobe.commands.comparison_options import ComparisonOptions, check_names
from seqprobe.commands.comparison_report import run_links, ui_address
from seqprobe.commands.sweep_ids import named_sweep
from seqprobe.commands.sweep_summary import closing_console
from seqprobe.failure import JobFailed, ModelsUndecided, ModelsWorse
from seqprobe.files import write_atomically
from seqprobe.reports.changes import NOT_FINISHED, NOT_RUN, UNCHANGED, ModelChange, model_changes
from seqprobe.reports.changes_page import changes_page, score_row
from seqprobe.reports.changes_table import changes_table, family_text, summary_text
from seqprobe.reports.comparison import UNDECIDED, WORSE
from seqprobe.reports.selection import select
from seqprobe.tracking.command_run import record_command_run
from seqprobe.tracking.run_frames import StoredMembers
from seqprobe.tracking.stores.store import Store

PAGE, TABLE = "changes.html", "changes.csv"


def report_changes(store: Store, options: ComparisonOptions, command: str) -> float:
    """Print, write and record what changed since the sweep ``options.against``; return the number of models compared.

    Raises:
        InvalidValue: there is no such sweep, or nothing of it is selected; nothing is written.
        ModelsWorse: a score of a model is decidedly worse.
        JobFailed: a model's newest run has not finished.
        ModelsUndecided: a score is undecided, and ``fail_on=undecided`` refuses that.
    """
    sweep = named_sweep(store, options.against or "")
    before = StoredMembers.read(store, sweep)
    now = StoredMembers.read(store, options.sweep)
    both = StoredMembers(store, [*before.members, *now.members], {**before.populations, **now.populations})
    runs = before.runs()
    check_names(runs, options)
    old = select(runs, options.tasks, options.models)
    new = select(now.runs(), options.tasks, options.models, options.earliest)
    if not len(old):
        raise InvalidValue("against", sweep, "has no runs of the selected tasks and models")
    changes = model_changes(old, new, both.scores)
    print_changes(changes, sweep, options.sweep)
    write_changes(store, options, changes, sweep, command)
    check_changes(changes, options.fail_on)
    return float(len(changes))


def print_changes(changes: Sequence[ModelChange], sweep: str, newer: str | None) -> None:
    """Print the table, the counts and how far to trust them."""
    console = closing_console()
    console.print(sides_text(sweep, newer), markup=False, highlight=False)
    if any(change.state != UNCHANGED for change in changes):
        console.print(changes_table(changes))
    console.print(summary_text(changes), markup=False, highlight=False)
    console.print(family_text(changes), markup=False, highlight=False)


def sides_text(sweep: str, newer: str | None) -> str:
    """What is compared with what."""
    return f"{'Sweep ' + newer if newer else 'The newest runs'} against sweep {sweep}"


def write_changes(
    store: Store, options: ComparisonOptions, changes: Sequence[ModelChange], sweep: str, command: str
) -> None:
    """Write the page and the table, and record them in MLflow."""
    lines = [
        f"{sides_text(sweep, options.sweep)} · seqprobe {seqprobe.__version__} · {time.strftime('%Y-%m-%d %H:%M')}"
    ]
    rows = [score_row(change, score) for change in changes for score in change.scores]
    contents = {
        "html": {PAGE: changes_page(changes, run_links(ui_address(store, options.report.ui)), lines, command)},
        "csv": {TABLE: pd.DataFrame(rows).to_csv(index=False)},
    }
    files = {path: text for name in options.report.formats for path, text in contents.get(name, {}).items()}
    folder = options.report.folder
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        write_atomically(folder / path, text.encode())
    if store.is_writable():
        counts = {word: sum(change.word == word for change in changes) for word in (WORSE, UNDECIDED)}
        record_command_run(
            store,
            "comparison",
            f"changes since {sweep}",
            "comparison",
            params={"against": sweep, "command": command[:500]},
            metrics={f"models_{word}": float(count) for word, count in counts.items()},
            figures={},
            tables={},
            texts=files,
            note=f"{lines[0]}\n\n{summary_text(changes)}",
        )
    else:
        print(f"{store.uri} cannot be written: the comparison is not recorded there", file=sys.stderr)
    if PAGE in files:
        print((folder / PAGE).resolve().as_uri())


def check_changes(changes: Sequence[ModelChange], fail_on: str) -> None:
    """Fail if a model is worse, if its newest run has not finished, or if it is undecided and that is refused."""
    named = {
        word: ", ".join(f"{change.task} · {change.model}" for change in changes if change.word == word)
        for word in (WORSE, NOT_FINISHED, UNDECIDED, NOT_RUN)
    }
    if named[WORSE]:
        raise ModelsWorse(f"worse than before: {named[WORSE]}")
    if named[NOT_FINISHED]:
        raise JobFailed(f"the newest run has not finished: {named[NOT_FINISHED]}; run the sweep again")
    if fail_on == UNDECIDED and (named[UNDECIDED] or named[NOT_RUN]):
        reasons = [f"{word}: {named[word]}" for word in (UNDECIDED, NOT_RUN) if named[word]]
        raise ModelsUndecided("; ".join(reasons))
