"""The closing table of a sweep: every score of every task, models side by side."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from seqprobe.learned import OUTCOMES
from seqprobe.reports.comparison import Comparison, Variant
from seqprobe.reports.number_format import interval_text, number_text
from seqprobe.reports.wording import TERMINAL_MARKS, score_label
from seqprobe.scoring import LEVEL_LABELS, level_label

WIDEST = 4
"""Most models beside each other."""
TITLE = (
    "Validation, then each probe inside, beyond and far from the training range. "
    r"Median \[interval] over seeds; the interval encloses the median with 95 % (below six seeds: it spans all seeds). "
    "★ better than every other model or equivalent to it, and than a constant; † the network did not learn the task: "
    "its probes are not ranked. No star: not decided; the comparison says what is known."
)


def closing_tables(compared: Sequence[Comparison]) -> list[Table]:
    """Rows are tasks and scores, columns models; tasks on which the same models were trained share a table.

    The last columns are reference levels: the best constant predictor's score and, where a task knows it, the best
    possible.
    """
    by_models: dict[tuple[str, ...], list[Comparison]] = {}
    for comparison in compared:
        by_models.setdefault(tuple(variant.name for variant in comparison.variants), []).append(comparison)
    tables = list[Table]()
    for names, tasks in by_models.items():
        width = -(-len(names) // -(-len(names) // WIDEST))  # tables of about the same width
        tables += [one_table(tasks, names[start : start + width]) for start in range(0, len(names), width)]
    if tables:
        tables[0].title, tables[0].title_justify = TITLE, "left"
    return tables


def one_table(tasks: Sequence[Comparison], names: Sequence[str]) -> Table:
    """The table of some models on the tasks that they share."""
    known = {role for comparison in tasks for role in comparison.roles}
    roles = [role for role in LEVEL_LABELS if role == "constant" or role in known]
    level_headings = [level_label(role).removesuffix(" predictor") for role in roles]  # short, as columns are narrow
    table = Table()
    for heading in ("task", "score", *names, *level_headings):
        table.add_column(escape(heading), justify="left" if heading in ("task", "score") else "right")
    for comparison in tasks:
        variants = [variant for variant in comparison.variants if variant.name in names]
        rows = [("seeds", [variant.seeds_text for variant in variants], [""] * len(roles))]
        if any(variant.solved for variant in variants):
            rows.append(("solved", [variant.solved_text for variant in variants], [""] * len(roles)))
        for metric in comparison.scores:
            levels = comparison.levels.get(metric, {})
            shown = [number_text(levels[role]) if role in levels else "" for role in roles]
            numbers = [score_text(comparison, variant, metric) for variant in variants]
            rows.append((score_label(metric, comparison.scores[metric]), numbers, shown))
        for index, (label, numbers, shown) in enumerate(rows):
            texts = map(escape, ["" if index else comparison.task, label, *numbers, *shown])
            table.add_row(*texts, end_section=index == len(rows) - 1)
    return table


def score_text(comparison: Comparison, variant: Variant, metric: str) -> str:
    """A model's median [interval] by one score, with its mark; of how many seeds, if some have no number."""
    summary, finished = comparison.summaries[variant.name, metric], variant.count(*OUTCOMES)
    if summary.interval is None:
        reason = "no answer" if variant.finite else "diverged"
        return f"{reason} (0 of {finished})" if finished and summary.is_measured else "–"
    counted = f" ({len(summary.values)} of {finished})" if len(summary.values) < finished else ""
    return interval_text(summary.interval) + counted + TERMINAL_MARKS[summary.mark]
