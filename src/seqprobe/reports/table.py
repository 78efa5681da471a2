"""The closing table of a sweep: every score of every task, models side by side."""

from __future__ import annotations

import math

import pandas as pd
from rich.table import Table

from seqprobe.reports.statistics import median_interval

VALIDATION = ("val/rmse", "val/accuracy")


def scores(frame: pd.DataFrame) -> list[str]:
    """The metrics that the table shows: validation first, then each probe's mean over its values."""
    names = sorted(set(frame["metric"]))
    probes = [
        name
        for name in names
        if name.startswith("probe/") and name.count("/") == 2 and name.endswith(("rmse", "accuracy"))
    ]
    return [name for name in VALIDATION if name in names] + probes


def cell(values: pd.Series) -> str:
    """Median [interval] over the finite members; with members missing, how many of how many."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return f"diverged (0 of {len(values)})" if len(values) else "–"
    found = median_interval(finite)
    counted = f" ({len(finite)} of {len(values)})" if len(finite) < len(values) else ""
    return f"{found.median:.3g} [{found.low:.2g}, {found.high:.2g}]{counted}"


def column_names(frame: pd.DataFrame) -> list[str]:
    """Model, preset and those overrides in which runs differ: what has settings of its own has a column of its own."""
    given = [set(str(overrides).split()) for overrides in frame["overrides"]]
    shared = set.intersection(*given) if given else set()
    return [
        " · ".join([model, *([preset] if preset else []), *sorted(own - shared)])
        for model, preset, own in zip(frame["model"], frame["preset"], given, strict=True)
    ]


def closing_table(frame: pd.DataFrame) -> Table:
    """Rows are tasks and scores, columns models; the last column is the best constant predictor's RMSE.

    Args:
        frame: `seqprobe.tracking.read.members`.
    """
    frame = frame.assign(column=column_names(frame))
    columns = list(dict.fromkeys(frame["column"]))
    title = (
        r"Root mean squared errors: validation, then each probe. Median \[interval] over seeds; the interval"
        " encloses the median with 95 % (below six seeds: it spans all seeds)."
    )
    table = Table(title=title, title_justify="left")
    for heading in ("task", "score", *columns, "constant"):
        table.add_column(heading, justify="left" if heading in ("task", "score") else "right")
    for task in dict.fromkeys(frame["task"]):
        own = frame[frame["task"] == task]
        rows = [("seeds", [str(own[own["column"] == column]["seed"].nunique()) for column in columns], "")]
        for metric in scores(own):
            chosen = own[own["metric"] == metric]
            constants = own[own["metric"] == "reference/constant predictor"]["value"]
            constant = f"{constants.median():.3g}" if metric == "val/rmse" and len(constants) else ""
            cells = [cell(chosen[chosen["column"] == column]["value"]) for column in columns]
            name = metric.removeprefix("probe/").removesuffix("/rmse") if metric.startswith("probe/") else metric
            rows.append((name, cells, constant))
        for index, (score, cells, constant) in enumerate(rows):
            table.add_row(task if index == 0 else "", score, *cells, constant, end_section=index == len(rows) - 1)
    return table
