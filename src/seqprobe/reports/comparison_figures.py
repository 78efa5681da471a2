"""The figures of a comparison: every model of a task side by side, from the tables that their runs keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.figures import Panel
from seqprobe.reports.closing_table import shortened
from seqprobe.reports.comparison import Comparison, Variant, higher_is_better
from seqprobe.reports.probe_sheets import probe_sheet
from seqprobe.reports.run_tables import Tables, by_member, kept_tables, main_metric
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_SHOWN = 6
"""Models in one figure; the others are in the table alone."""


@dataclass(frozen=True)
class Sheet:
    """A figure with what it shows in words, for those who cannot see it."""

    name: str
    figure: Figure
    caption: str


@dataclass(frozen=True)
class Picture:
    """A sheet as it is written."""

    name: str
    svg: str
    caption: str


def pictures(found: Comparison, store: Store) -> list[Picture]:
    """Every sheet of a task, drawn."""
    return [Picture(each.name, figures.svg(each.figure), each.caption) for each in sheets(found, kept_tables(store))]


def sheets(found: Comparison, tables: Tables) -> Iterator[Sheet]:
    """Every figure that the tables of a task's models give."""
    shown = best_of(found)
    if not shown:
        return
    names = ", ".join(each.name for each in shown)
    more = len(found.variants) - len(shown)
    rest = f" {more} more {'model is' if more == 1 else 'models are'} in the table." if more else ""
    for name, draw, caption in (
        ("scores", scores, "Every score of {} with its interval over seeds, beside what needs no network."),
        ("learning_curves", learning_curves, "Validation loss of {} over updates."),
        ("generalisation", generalisation, "When generalisation appears: each probe's score over updates, for {}."),
        ("distance", distance, "Score against the distance from what training covered, for {}."),
    ):
        drawn = draw(found, shown, tables)
        if drawn is not None:
            yield Sheet(name, drawn, caption.format(names) + rest)
    for probe in found.probes:
        title = f"{found.task}: probe {probe}"
        sheet = probe_sheet(probe, shown, tables, title, lambda metric: in_distribution(found, metric))
        if sheet is not None:
            drawn, drawn_names = sheet
            without = [each.name for each in shown if each.name not in drawn_names]
            unlike = f" Asked for other values, or without a table: {', '.join(without)}." if without else ""
            caption = f"Probe {probe} put to {', '.join(drawn_names)}, side by side on one scale.{unlike}{rest}"
            yield Sheet(f"probe_{probe}", drawn, caption)


def best_of(found: Comparison) -> list[Variant]:
    """The models that are drawn, by name: if there are too many, those that validate best."""
    finite = [each for each in found.variants if each.counted("finite")]
    if len(finite) <= MOST_SHOWN or not found.scores:
        return finite[:MOST_SHOWN]
    sign = -1 if higher_is_better(found.scores[0]) else 1

    def rank(each: Variant) -> float:
        interval = found.summaries[each.name, found.scores[0]].interval
        return np.inf if interval is None else sign * interval.median

    best = sorted(finite, key=rank)[:MOST_SHOWN]
    return [each for each in finite if each in best]


def scores(found: Comparison, shown: Sequence[Variant], tables: Tables) -> Figure | None:
    """Every score of every model with its interval."""
    rows: dict[str, dict[str, figures.Row]] = {}
    for score in found.scores:
        for each in shown:
            cell = found.summaries[each.name, score]
            if cell.interval is not None:
                middle, low, high, _ = cell.interval
                row = (np.array(list(cell.values.values())), middle, low, high)
                rows.setdefault(shortened(score), {})[each.name] = row
    if not rows:
        return None
    errors = [shortened(score) for score in found.scores if not higher_is_better(score)]
    levels = {score: found.references for score in rows if score.startswith("val/")}
    return figures.forest(rows, levels, errors, f"{found.task}: scores")


def learning_curves(found: Comparison, shown: Sequence[Variant], tables: Tables) -> Figure | None:
    """Each model's validation loss over updates."""
    levels = {name: level**2 for name, level in found.references.items() if "val/rmse" in found.scores}
    panels = []
    for each in shown:
        table = tables(each, "training_curves")
        if table is not None:
            series = by_member(table[table["split"] == "validation"], "update", "loss")
            panels.append(Panel(f"{each.name} ({len(series[1])} seeds)", {each.name: series}, levels))
    if not panels:
        return None
    return figures.small_multiples(
        panels,
        [name for panel in panels for name in panel.series],
        "updates",
        "validation loss",
        f"{found.task}: learning curves",
        "which model learns soonest, and whether its seeds agree",
        y_scale="log" if spans_decades(panels) else "linear",
    )


def generalisation(found: Comparison, shown: Sequence[Variant], tables: Tables) -> Figure | None:
    """Each probe's score over updates."""
    kept = {each.name: tables(each, "moments") for each in shown}
    return over_probes(
        found,
        {name: table for name, table in kept.items() if table is not None and len(table)},
        "update",
        "updates",
        "when generalisation appears",
        "at which update a probe's score leaves that of the untrained network",
    )


def distance(found: Comparison, shown: Sequence[Variant], tables: Tables) -> Figure | None:
    """Each probe's score against the distance from the training range."""
    whole: dict[str, pd.DataFrame] = {}
    for each in shown:
        kept = {probe: tables(each, f"scores_{probe}") for probe in found.probes}
        ranged = [
            table.assign(probe=f"{probe}: {table['varied'].iloc[0]}")
            for probe, table in kept.items()
            if table is not None and "distance" in table and table["distance"].nunique() > 1
        ]
        if ranged:
            whole[each.name] = pd.concat(ranged, ignore_index=True)
    return over_probes(
        found,
        whole,
        "distance",
        "distance from the training range, in units of what is varied",
        "far from training",
        "how fast a score decays outside the training range (0: inside it)",
    )


def over_probes(
    found: Comparison, tables: Mapping[str, pd.DataFrame], along: str, x_label: str, title: str, reading: str
) -> Figure | None:
    """A panel per probe with a line per model, from tables with the columns probe, metric, score and ``along``."""
    if not tables:
        return None
    metric = main_metric(pd.concat(list(tables.values()))["metric"])
    series: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for name, table in tables.items():
        for probe, own in table[table["metric"] == metric].groupby("probe", sort=False):
            rounded = own.assign(**{along: own[along].round(9)})  # distances on either side are alike
            series.setdefault(str(probe), {})[name] = by_member(rounded, along, "score")
    panels = [Panel(probe, own, in_distribution(found, metric)) for probe, own in series.items()]
    y_scale = "log" if metric == "rmse" and spans_decades(panels) else "linear"
    return figures.small_multiples(
        panels,
        list(tables),
        x_label,
        metric,
        f"{found.task}: {title}",
        reading,
        "symlog" if along == "update" else "linear",
        y_scale,
    )


def in_distribution(found: Comparison, metric: str) -> dict[str, float]:
    """The validation score's reference levels, for figures of the same measure."""
    return {f"{name}, validation": level for name, level in found.references.items() if f"val/{metric}" in found.scores}


def spans_decades(panels: Sequence[Panel]) -> bool:
    """Whether a logarithmic axis can show everything, and shows more than a linear one."""
    together = np.concatenate([values.ravel() for panel in panels for _, values in panel.series.values()])
    finite = together[np.isfinite(together)]
    return bool(len(finite)) and bool(0 < 10 * finite.min() < finite.max())
