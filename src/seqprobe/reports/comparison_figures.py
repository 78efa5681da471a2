"""The figures of a comparison: every model of a task side by side, from the tables that their runs keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqprobe import figures
from seqprobe.figures import Panel
from seqprobe.reports.comparison import Comparison, Variant
from seqprobe.reports.probe_figures import distance_figures, generalisation_figures, spans_decades
from seqprobe.reports.probe_sheets import probe_sheet
from seqprobe.reports.run_tables import Tables, by_member, kept_tables
from seqprobe.reports.wording import score_label
from seqprobe.scoring import RMSE, level_label
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_SHOWN = 6
"""Models in one figure; the others are in the table alone."""


@dataclass(frozen=True)
class Sheet:
    """A figure with a caption, which also describes it to those who cannot see it."""

    name: str
    figure: Figure
    caption: str


@dataclass(frozen=True)
class Picture:
    """A sheet as an SVG."""

    name: str
    svg: str
    caption: str


def pictures(comparison: Comparison, store: Store) -> list[Picture]:
    """Every sheet of a task, drawn."""
    with np.errstate(over="ignore", invalid="ignore"):  # what overflowed is drawn without numbers
        drawn = sheets(comparison, kept_tables(store))
        return [Picture(sheet.name, figures.svg(sheet.figure), sheet.caption) for sheet in drawn]


def sheets(comparison: Comparison, tables: Tables) -> Iterator[Sheet]:
    """Every figure that the tables of a task's models give."""
    shown = shown_variants(comparison)
    if not shown:
        return
    names, omitted = ", ".join(variant.name for variant in shown), omitted_text(len(comparison.variants) - len(shown))
    drawn = score_figure(comparison, shown)
    if drawn is not None:
        yield Sheet("scores", drawn, f"Scores of {names}: intervals over seeds, with reference levels.{omitted}")
    drawn = learning_curves(comparison, shown, tables)
    if drawn is not None:
        yield Sheet("learning_curves", drawn, f"Validation loss of {names} over updates.{omitted}")
    for name, drawn in generalisation_figures(comparison, shown, tables).items():
        yield Sheet(name, drawn, f"When generalisation appears: each probe's score over updates, for {names}.{omitted}")
    for name, drawn in distance_figures(comparison, shown, tables).items():
        yield Sheet(name, drawn, f"Score over the distance from the training range, for {names}.{omitted}")
    yield from probe_sheets(comparison, shown, tables, omitted)


def probe_sheets(comparison: Comparison, shown: Sequence[Variant], tables: Tables, omitted: str) -> Iterator[Sheet]:
    """A sheet for each probe."""
    for probe in comparison.probes:
        score = comparison.probe_score(probe)
        metrics = comparison.probe_metrics(probe)
        levels = comparison.labelled_levels(metrics[0]) if metrics else {}
        sheet = probe_sheet(probe, score, shown, tables, f"{comparison.task}: probe {probe}", levels)
        if sheet is not None:
            drawn, names = sheet
            without = [variant.name for variant in shown if variant.name not in names]
            missing = f" Not shown (other probed values, or no table): {', '.join(without)}." if without else ""
            caption = f"{probe.replace('_', ' ')} probe: {', '.join(names)}, shared axes.{missing}{omitted}"
            yield Sheet(f"probe_{probe}", drawn, caption)


def omitted_text(count: int) -> str:
    """A sentence on models that are not drawn; empty if all are."""
    return f" {count} more {'model is' if count == 1 else 'models are'} in the table." if count else ""


def shown_variants(comparison: Comparison) -> list[Variant]:
    """The models that are drawn, by name: if there are too many, those with the best main score."""
    finite = [variant for variant in comparison.variants if variant.finite]
    if len(finite) <= MOST_SHOWN or not comparison.scores:
        return finite[:MOST_SHOWN]
    metric, score = next(iter(comparison.scores.items()))
    sign = -1 if score.better == "higher" else 1

    def rank(variant: Variant) -> float:
        interval = comparison.summaries[variant.name, metric].interval
        return np.inf if interval is None else sign * interval.median

    best = sorted(finite, key=rank)[:MOST_SHOWN]
    return [variant for variant in finite if variant in best]


def score_figure(comparison: Comparison, shown: Sequence[Variant]) -> Figure | None:
    """Every score of every model with its interval."""
    rows: dict[str, dict[str, figures.Row]] = {}
    labels = {metric: score_label(metric, score) for metric, score in comparison.scores.items()}
    for metric, label in labels.items():
        for variant in shown:
            summary = comparison.summaries[variant.name, metric]
            if summary.interval is not None:
                middle, low, high, _ = summary.interval
                row = (np.array(list(summary.values.values())), middle, low, high)
                rows.setdefault(label, {})[variant.name] = row
    if not rows:
        return None
    log = [label for metric, label in labels.items() if comparison.scores[metric].log]
    levels = {
        labels[metric]: {level_label(role): level for role, level in by_role.items()}
        for metric, by_role in comparison.levels.items()
    }
    return figures.forest(rows, levels, log, f"{comparison.task}: scores")


def learning_curves(comparison: Comparison, shown: Sequence[Variant], tables: Tables) -> Figure | None:
    """Each model's validation loss over updates."""
    validation, by_role = comparison.validation, comparison.validation_levels
    is_rmse = validation is not None and validation.name == RMSE.name  # whose square is the loss
    levels = {level_label(role): level**2 for role, level in by_role.items()} if is_rmse else {}
    panels = []
    for variant in shown:
        table = tables(variant, "training_curves")
        if table is not None:
            series = by_member(table[table["split"] == "validation"], "update", "loss")
            panels.append(Panel(f"{variant.name} ({len(series[1])} seeds)", {variant.name: series}, levels))
    if not panels:
        return None
    return figures.small_multiples(
        panels,
        [name for panel in panels for name in panel.series],
        "updates",
        "validation loss",
        f"{comparison.task}: learning curves",
        "which model learns soonest, and whether its seeds agree",
        y_scale="log" if spans_decades(panels) else "linear",
    )
