"""The charts of a comparison: the models of a task together, from the tables that their runs keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seqprobe.reports.charts import Chart, Dot, DotPanel, LinePanel
from seqprobe.reports.charts.panel_rows import MEDIANS, Labels, dot_chart, line_chart, score_axis
from seqprobe.reports.comparison import Comparison, Variant
from seqprobe.reports.probe_figures import distance_charts, generalisation_charts, spans_decades
from seqprobe.reports.probe_sheets import probe_chart
from seqprobe.reports.run_tables import Tables, by_member
from seqprobe.reports.wording import score_label
from seqprobe.scoring import LOSS, RMSE, level_label

MOST_SHOWN = 6
"""Models in one chart; the others are in the table alone."""


def task_charts(comparison: Comparison, tables: Tables) -> list[Chart]:
    """Every chart of a task."""
    shown = shown_variants(comparison)
    if not shown:
        return []
    omitted = omitted_text(len(comparison.variants) - len(shown))
    with np.errstate(over="ignore", invalid="ignore"):  # what overflowed is drawn without numbers
        return list(drawn_charts(comparison, shown, tables, omitted))


def drawn_charts(comparison: Comparison, shown: Sequence[Variant], tables: Tables, omitted: str) -> Iterator[Chart]:
    """Every chart that the tables of a task's models give."""
    scores, learning = score_chart(comparison, shown, omitted), learning_chart(comparison, shown, tables)
    probes = [probe_chart(comparison, probe, shown, tables) for probe in comparison.probes]
    yield from (chart for chart in (scores, *probes) if chart is not None)
    yield from distance_charts(comparison, shown, tables)
    if learning is not None:
        yield learning
    yield from generalisation_charts(comparison, shown, tables)


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


def score_chart(comparison: Comparison, shown: Sequence[Variant], omitted: str) -> Chart | None:
    """Every score of every model with its interval."""
    panels, log, axes = [], [], []
    for metric, score in comparison.scores.items():
        dots = score_dots(comparison, metric, shown)
        if dots:
            levels = {level_label(role): level for role, level in comparison.levels.get(metric, {}).items()}
            rows = [dot.name for dot in dots]
            panels.append(DotPanel(score_label(metric, score), rows, dots, levels))
            log.append(score.log)
            axes.append(score_axis(score))
    if not panels:
        return None
    caption = (
        "Every score of every model. Mark: median; bar: 95 % interval of the median (below six seeds: all of them); "
        f"points: seeds.{omitted}"
    )
    return dot_chart(panels, Labels("scores", f"{comparison.task}: scores", caption, ""), log, axes)


def score_dots(comparison: Comparison, metric: str, shown: Sequence[Variant]) -> list[Dot]:
    """A row for each model that has a score."""
    dots: list[Dot] = []
    for variant in shown:
        summary = comparison.summaries[variant.name, metric]
        if summary.interval is not None:
            middle, low, high, _ = summary.interval
            seeds = np.array(list(summary.values.values()))
            dots.append(Dot(len(dots), variant.name, seeds, middle, low, high))
    return dots


def learning_chart(comparison: Comparison, shown: Sequence[Variant], tables: Tables) -> Chart | None:
    """All models' validation loss over updates."""
    validation, by_role = comparison.validation, comparison.validation_levels
    is_rmse = validation is not None and validation.name == RMSE.name  # whose square is the loss
    levels = {level_label(role): level**2 for role, level in by_role.items()} if is_rmse else {}
    series = {}
    for variant in shown:
        table = tables(variant, "training_curves")
        if table is not None:
            series[variant.name] = by_member(table[table["split"] == "validation"], "update", "loss")
    if not series:
        return None
    panel = LinePanel("validation loss", series, levels)
    caption = f"Which model learns soonest, and whether its seeds agree. {MEDIANS}."
    labels = Labels("learning_curves", f"{comparison.task}: learning", caption, "updates", score_axis(LOSS))
    return line_chart([panel], labels, y_kind="log" if spans_decades([panel]) else "linear")
