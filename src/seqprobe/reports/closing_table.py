"""The closing table of a sweep: every score of every task, models side by side."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import pandas as pd
from rich.table import Table

from seqprobe.reports.statistics import median_interval

VALIDATION = ("val/rmse", "val/accuracy")
WIDEST = 4
"""Most models beside each other."""
CONSTANT, BEST = ("constant predictor",), ("Bayes floor", "ideal")
"""Names of tasks' reference levels."""


def scores(frame: pd.DataFrame) -> list[str]:
    """The metrics that the table shows: validation first, then each probe's mean over its values."""
    names = sorted(set(frame["metric"]))
    probes = [
        name
        for name in names
        if name.startswith("probe/") and name.count("/") == 2 and name.endswith(("/rmse", "/accuracy"))
    ]
    return [name for name in VALIDATION if name in names] + probes


def cell(values: pd.Series, diverged: int | None = None) -> str:
    """Median [interval] over the finite members; with members missing, how many of how many.

    ``diverged`` is how many members did, if that is known: others without a number had no answer to give.
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        word = "no answer" if diverged == 0 else "diverged"
        return f"{word} (0 of {len(values)})" if len(values) else "–"
    found = median_interval(finite)
    counted = f" ({len(finite)} of {len(values)})" if len(finite) < len(values) else ""
    return f"{found.median:.3g} [{found.low:.2g}, {found.high:.2g}]{counted}"


def column_names(frame: pd.DataFrame) -> list[str]:
    """Model, preset and those overrides in which runs differ: what has settings of its own has a column of its own."""
    given = [set(pieces(str(overrides))) for overrides in frame["overrides"]]
    shared = set.intersection(*given) if given else set()
    return [
        " · ".join([model, *([preset] if preset else []), *sorted(own - shared)])
        for model, preset, own in zip(frame["model"], frame["preset"], given, strict=True)
    ]


def pieces(overrides: str) -> list[str]:
    """The single overrides that a run's param has in one text; values may have spaces."""
    return [piece for piece in re.split(r"\s+(?=[+~]*[\w.@/-]+(?:=|\s|$))", overrides.strip()) if piece]


def closing_tables(frame: pd.DataFrame) -> list[Table]:
    """Rows are tasks and scores, columns models; tasks that the same models learned share a table.

    The last columns are the best constant predictor's score and, where a task knows it, the best possible.

    Args:
        frame: `seqprobe.tracking.run_frames.members`.
    """
    frame = frame.assign(column=column_names(frame))
    together: dict[tuple[str, ...], list[str]] = {}
    for task in dict.fromkeys(frame["task"]):
        columns = tuple(dict.fromkeys(frame[frame["task"] == task]["column"]))
        together.setdefault(columns, []).append(task)
    title = (
        r"Root mean squared errors or accuracies: validation, then each probe. Median \[interval] over seeds; the"
        " interval encloses the median with 95 % (below six seeds: it spans all seeds)."
    )
    tables = list[Table]()
    for columns, tasks in together.items():
        own = frame[frame["task"].isin(tasks)]
        width = -(-len(columns) // -(-len(columns) // WIDEST))  # evenly many in each
        tables += [one_table(own, tasks, columns[start : start + width]) for start in range(0, len(columns), width)]
    if tables:
        tables[0].title, tables[0].title_justify = title, "left"
    return tables


def one_table(frame: pd.DataFrame, tasks: Sequence[str], columns: Sequence[str]) -> Table:
    """The table of a few tasks that the same models learned."""
    bests = {task: reference(frame[frame["task"] == task], BEST) for task in tasks}
    headings = [*columns, "constant", *(["best possible"] if any(bests.values()) else [])]
    table = Table()
    for heading in ("task", "score", *headings):
        table.add_column(heading, justify="left" if heading in ("task", "score") else "right")
    for task in tasks:
        own = frame[frame["task"] == task]
        rows = [("seeds", [str(own[own["column"] == column]["seed"].nunique()) for column in columns])]
        for metric in scores(own):
            chosen = own[own["metric"] == metric]
            cells = [shown(chosen[chosen["column"] == column]) for column in columns]
            levels = [reference(own, CONSTANT), bests[task]] if metric in VALIDATION else []
            rows.append((shortened(metric), [*cells, *levels]))
        for index, (score, cells) in enumerate(rows):
            padded = [*cells, "", ""][: len(headings)]
            table.add_row(task if index == 0 else "", score, *padded, end_section=index == len(rows) - 1)
    return table


def shown(frame: pd.DataFrame) -> str:
    """The cell of one model's members."""
    return cell(frame["value"], int((frame["outcome"] == "diverged").sum()))


def reference(frame: pd.DataFrame, names: Sequence[str]) -> str:
    """The median of a task's reference level, by the first of its ``names`` that is there; empty where none is."""
    for name in names:
        found = frame[frame["metric"] == f"reference/{name}"]["value"]
        if len(found):
            return f"{found.median():.3g}"
    return ""


def shortened(metric: str) -> str:
    """A score as the table names it: a probe's without what goes without saying."""
    return metric.removeprefix("probe/").removesuffix("/rmse") if metric.startswith("probe/") else metric
