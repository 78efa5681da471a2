"""Probes' scores over training and over the distance from the training range, all models of a task together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from seqprobe.reports.charts import Chart, LinePanel
from seqprobe.reports.charts.panel_rows import MEDIANS, Labels, line_chart, score_axis
from seqprobe.reports.comparison import Comparison, Variant
from seqprobe.reports.run_tables import Tables, by_member, level_series
from seqprobe.scoring import MetricName, Score, level_label

Series = tuple[np.ndarray, np.ndarray]
"""Positions ``(n,)`` and values there."""


def generalisation_charts(comparison: Comparison, shown: Sequence[Variant], tables: Tables) -> Iterator[Chart]:
    """Each probe's main score over updates; one chart for all probes with the same score."""
    snapshots = {variant.name: tables(variant, "snapshots") for variant in shown}
    labelled = {
        name: labelled_snapshots(table) for name, table in snapshots.items() if table is not None and len(table)
    }
    caption = f"At which update each probe's score leaves that of the untrained network. {MEDIANS}."
    labels = Labels("generalisation", f"{comparison.task}: when generalisation appears", caption, "updates")
    return charts_by_score(comparison, labelled, "update", labels, "symlog")


def distance_charts(comparison: Comparison, shown: Sequence[Variant], tables: Tables) -> Iterator[Chart]:
    """Each probe's main score over the distance from the training range, as `generalisation_charts`."""
    ranged = {variant.name: ranged_scores(comparison, variant, tables) for variant in shown}
    known = {name: table for name, table in ranged.items() if table is not None}
    caption = (
        f"How a score decays with the distance from the training range (0: inside it; negative: below). {MEDIANS}."
    )
    labels = Labels("distance", f"{comparison.task}: far from training", caption, "distance")
    return charts_by_score(comparison, known, "distance", labels)


def ranged_scores(comparison: Comparison, variant: Variant, tables: Tables) -> pd.DataFrame | None:
    """The scores of a model's probes that go beyond a training range; None without any.

    Tables of earlier versions have no bands, and distances without a sign: they are left out.
    """
    parts = []
    for probe in comparison.probes:
        table = tables(variant, f"scores_{probe}")
        if table is not None and "band" in table and table["distance"].nunique() > 1:
            parts.append(table.assign(probe=probe, label=f"{probe}: {table['varied'].iloc[0]}"))
    return pd.concat(parts, ignore_index=True) if parts else None


def charts_by_score(
    comparison: Comparison,
    tables: Mapping[str, pd.DataFrame],
    along: str,
    labels: Labels,
    x_kind: str = "linear",
) -> Iterator[Chart]:
    """A chart for each main score of probes, with a panel per probe and a line per model.

    Args:
        tables: by model, with the columns probe, band, metric, score, ``along`` and label; there is a panel per label.
        labels: of the first chart; the others have the score's name added to theirs.
    """
    of_probes = [score for score in map(comparison.probe_score, comparison.probes) if score is not None]
    is_first = True
    for score in {score.name: score for score in of_probes}.values():
        panels = score_panels(comparison, score, tables, along)
        if panels:
            name = labels.name if is_first else f"{labels.name}_{score.name}"
            y_kind, is_first = "log" if score.log and spans_decades(panels) else "linear", False
            words = Labels(name, labels.title, labels.caption, labels.x, score_axis(score))
            yield line_chart(panels, words, x_kind, y_kind)


def labelled_snapshots(table: pd.DataFrame) -> pd.DataFrame:
    """A table of scores during training, with a label for each probe and band; earlier versions have no bands."""
    bands = (
        table["band"].astype(object).where(table["band"].notna(), "") if "band" in table else pd.Series("", table.index)
    )
    labels = [f"{probe}, {band}" if band else str(probe) for probe, band in zip(table["probe"], bands, strict=True)]
    return table.assign(band=bands, label=labels)


def score_panels(
    comparison: Comparison, score: Score, tables: Mapping[str, pd.DataFrame], along: str
) -> list[LinePanel]:
    """A panel for each label of the probes whose main score has this one's name."""
    main = {probe: comparison.probe_score(probe) for probe in comparison.probes}
    probes = [probe for probe, compared in main.items() if compared is not None and compared.name == score.name]
    by_label: dict[str, dict[str, pd.DataFrame]] = {}
    for model, table in tables.items():
        chosen = table[(table["metric"] == score.name) & table["probe"].isin(probes)]
        for label, rows in chosen.groupby("label", sort=False):
            by_label.setdefault(str(label), {})[model] = rows.assign(**{along: rows[along].round(9)})
    panels = []
    for label, by_model in by_label.items():
        series = {model: by_member(rows, along, "score") for model, rows in by_model.items()}
        first = next(iter(by_model.values())).iloc[0]
        metric = str(MetricName("probe", score.name, first["probe"], band=first["band"]))
        levels = level_series(by_model.values(), along) or flat_levels(comparison.levels.get(metric, {}), series)
        references = {} if levels else comparison.labelled_levels(metric)
        title = label.replace("_", " ")
        if along == "distance":
            probe, _, varied = title.partition(": ")
            own = f"distance in {varied}"
            panels.append(LinePanel(probe, series, references, levels, trained=(0.0, 0.0), x_label=own))
        else:
            panels.append(LinePanel(title, series, references, levels))
    return panels


def flat_levels(levels: Mapping[str, float], series: Mapping[str, Series]) -> dict[str, Series]:
    """Levels that are the same at all positions of ``series``, by label without their numbers."""
    positions = np.concatenate([x for x, _ in series.values()])
    ends = np.array([positions.min(), positions.max()])
    return {level_label(role): (ends, np.full(2, level)) for role, level in levels.items()}


def spans_decades(panels: Sequence[LinePanel]) -> bool:
    """Whether a logarithmic axis can show everything, and shows more than a linear one."""
    together = np.concatenate([values.ravel() for panel in panels for _, values in panel.series.values()])
    finite = together[np.isfinite(together)]
    return bool(len(finite)) and bool(0 < 10 * finite.min() < finite.max())
