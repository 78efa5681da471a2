"""The end of a sweep, or of a multirun: the matrix of tasks and models, failures, and where to look further."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seqprobe.commands.compared_members import ComparedMembers
from seqprobe.commands.comparison_options import ComparisonOptions, ReportOptions
from seqprobe.commands.comparison_report import write_report
from seqprobe.config.build import readable_store
from seqprobe.config.compose import compose_config
from seqprobe.reports.closing_table import closing_tables
from seqprobe.reports.headlines import headlines, undecided_headline
from seqprobe.reports.skill_matrix import TABLE_WORDS, matrix_tables
from seqprobe.reports.swept_charts import swept_table, table_title
from seqprobe.reports.swept_parameters import SweptParameter
from seqprobe.reports.tuned_models import tuned_lines
from seqprobe.run.command_lines import command_here, ui_command_here
from seqprobe.run.pool import JobResult
from seqprobe.run.request import Request
from seqprobe.run.workspace import tracking_folder

FEW_TASKS = 2
"""Up to so many tasks all scores are printed; of more, the page has them."""


def print_closing(
    sweep: str,
    overrides: Sequence[str],
    requests: Sequence[Request],
    results: Sequence[JobResult],
    script: str = "sweep",
) -> None:
    """Print the comparison of the sweep with this id and its failures, and write the comparison of its runs.

    Args:
        overrides: of pipelines/<script>.py, which ran them.
    """
    composition, store = requests[0].composition, requests[0].store
    console = closing_console()
    compared = ComparedMembers.of_sweep(store, sweep)
    if compared.has_results:
        print_comparisons(console, compared)
    counts = outcome_counts(results)
    if counts:
        console.print(counts, highlight=False)
    for request, result in zip(requests, results, strict=True):
        if result.error is not None:
            console.print(f"FAILED  {request.name}: {result.error}", style="red", markup=False, soft_wrap=True)
            console.print(f"        alone: {request.command}", markup=False, highlight=False, soft_wrap=True)
    options = [] if composition.config_dir is None else ["--config-dir", str(composition.config_dir)]
    tracking = composition.tracking_overrides
    print_sweep(console, sweep, [*options, *tracking])
    console.print(f"Open the UI: {ui_command_here(store)}", markup=False, soft_wrap=True, highlight=False)
    if len(compared.selected):
        command = shlex.join(["python", f"pipelines/{script}.py", *options, *overrides])
        folder = tracking_folder(composition.config) / "comparison"
        write_report(compared, ReportOptions(folder), [command, compare_command(sweep, [*options, *tracking])])


def print_sweep(console: Console, sweep: str, arguments: Sequence[str]) -> None:
    """Print the id of a sweep, and how to compare later runs with its; ``arguments`` name the store."""
    command = command_here("compare", *arguments, f"against={sweep}")
    console.print(f"What changes after sweep {sweep}: {command}", markup=False, soft_wrap=True, highlight=False)


def print_multirun(sweep: str, overrides: Sequence[str], config_dir: Path | None = None) -> None:
    """Print and write the comparison of what a multirun of trainings has recorded, as a sweep does at its end.

    Args:
        sweep: the id by which its runs are found.
        overrides: of the multirun.
    """
    options = [] if config_dir is None else ["--config-dir", str(config_dir)]
    tracking = [override for override in overrides if override.startswith(("tracking=", "tracking."))]
    plain = compose_config(tracking, config_dir, "compare").config
    compared, console = ComparedMembers.of_sweep(readable_store(plain, config_dir), sweep), closing_console()
    if compared.has_results:
        print_comparisons(console, compared)
    print_sweep(console, sweep, [*options, *tracking])
    if compared.has_results:
        command = shlex.join(["python", "pipelines/train.py", "-m", *options, *overrides])
        report = ComparisonOptions.parse(plain).report
        write_report(compared, report, [command, compare_command(sweep, [*options, *tracking])])


def closing_console() -> Console:
    """Where closing tables are printed: wide, if it is no terminal."""
    return Console(width=None if Console().is_terminal else 160)


def compare_command(sweep: str, arguments: Sequence[str]) -> str:
    """The command that compares the runs of a sweep again."""
    return shlex.join(["python", "pipelines/compare.py", *arguments, f"sweep_id={sweep}"])


def print_comparisons(console: Console, members: ComparedMembers) -> None:
    """Print the matrix, a table for each parameter over which runs were trained, and headlines; of few tasks scores."""
    compared = members.comparisons
    if len(compared) <= FEW_TASKS:
        for table in closing_tables(compared):
            console.print(table)
    console.print(TABLE_WORDS, markup=False, highlight=False)
    for table in matrix_tables(compared, console.width):
        console.print(table)
    for swept in members.swept:
        console.print(table_title(swept), markup=False, highlight=False)
        console.print(swept_text(swept))
    for line in [line.text for line in headlines(compared)] or [undecided_headline(compared)]:
        console.print(line, markup=False, highlight=False)
    for line in [line for comparison in compared for line in tuned_lines(comparison)]:
        console.print(line, markup=False, highlight=False)


def swept_text(swept: SweptParameter) -> Table:
    """A parameter's table for a terminal."""
    content = swept_table(swept)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in (content.index.name, *content.columns):
        table.add_column(escape(str(heading)), justify="right")
    for value, row in zip(content.index, content.to_numpy().tolist(), strict=True):
        table.add_row(*map(escape, [value, *row]))
    return table


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
