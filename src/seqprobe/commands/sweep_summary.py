"""The end of a sweep: the matrix of tasks and models, failures, and where to look further."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.console import Console

from seqprobe.commands.comparison_options import ReportOptions
from seqprobe.commands.comparison_report import write_report
from seqprobe.reports.closing_table import closing_tables
from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.headlines import headlines, undecided_headline
from seqprobe.reports.selection import current_members
from seqprobe.reports.skill_matrix import TABLE_WORDS, matrix_tables
from seqprobe.run.command_lines import ui_command_here
from seqprobe.run.pool import JobResult
from seqprobe.run.request import Request
from seqprobe.run.workspace import tracking_folder
from seqprobe.tracking.run_frames import StoredMembers

FEW_TASKS = 2
"""Up to so many tasks all scores are printed; of more, the page has them."""


def print_closing(
    sweep: str, overrides: Sequence[str], requests: Sequence[Request], results: Sequence[JobResult]
) -> None:
    """Print the comparison of the sweep with this id and its failures, and write the comparison of its runs."""
    composition, store = requests[0].composition, requests[0].store
    console = Console(width=None if Console().is_terminal else 160)
    members = StoredMembers.read(store, sweep)
    frame = members.runs()
    current = members.scores(current_members(frame))
    compared = comparisons(current)
    if (frame["status"] == "FINISHED").any():
        print_comparisons(console, compared)
    counts = outcome_counts(results)
    if counts:
        console.print(counts, highlight=False)
    for request, result in zip(requests, results, strict=True):
        if result.error is not None:
            console.print(f"FAILED  {request.name}: {result.error}", style="red", markup=False, soft_wrap=True)
            console.print(f"        alone: {request.command}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"Open the UI: {ui_command_here(store)}", markup=False, soft_wrap=True, highlight=False)
    if len(frame):
        options = [] if composition.config_dir is None else ["--config-dir", str(composition.config_dir)]
        tracking = composition.tracking_overrides
        commands = [
            shlex.join(["python", "pipelines/sweep.py", *options, *overrides]),
            shlex.join(["python", "pipelines/compare.py", *options, f"sweep_id={sweep}", *tracking]),
        ]
        report = ReportOptions(tracking_folder(composition.config) / "comparison")
        write_report(store, frame, current, compared, report, commands)


def print_comparisons(console: Console, compared: Sequence[Comparison]) -> None:
    """Print the matrix and the headlines; of few tasks the scores, too."""
    if len(compared) <= FEW_TASKS:
        for table in closing_tables(compared):
            console.print(table)
    console.print(TABLE_WORDS, markup=False, highlight=False)
    for table in matrix_tables(compared, console.width):
        console.print(table)
    for line in [line.text for line in headlines(compared)] or [undecided_headline(compared)]:
        console.print(line, markup=False, highlight=False)


def outcome_counts(results: Sequence[JobResult]) -> str:
    """How many populations were trained, skipped because they were finished before, and failed."""
    outcomes = [result.outcome for result in results if result.outcome is not None]
    skipped = sum(outcome.skipped for outcome in outcomes)
    parts = {
        "trained": len(outcomes) - skipped,
        "finished before (rerun=true trains them again)": skipped,
        "failed": len(results) - len(outcomes),
    }
    return ", ".join(f"{count} {word}" for word, count in parts.items() if count)
