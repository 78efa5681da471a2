"""The chart of a probe: all models of a task together, drawn as the probe's table allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from seqprobe.figures.member_statistics import drawable_numbers, median
from seqprobe.reports.charts import Chart, Dot, DotPanel, LinePanel
from seqprobe.reports.charts.map_row import map_chart
from seqprobe.reports.charts.panel_rows import DOTS, Labels, dot_chart, line_chart
from seqprobe.reports.comparison import Comparison, Variant
from seqprobe.reports.probed_values import ProbedValues
from seqprobe.reports.run_tables import Tables, main_metric
from seqprobe.reports.value_charts import value_chart

ByModel = Mapping[str, pd.DataFrame]


def probe_chart(comparison: Comparison, probe: str, shown: Sequence[Variant], tables: Tables) -> Chart | None:
    """The chart of a probe, or None where no model has its table.

    Models that were probed at other values than most are left out: they would be drawn beside the wrong truth.
    """
    by_name = {variant.name: tables(variant, f"probe_{probe}") for variant in shown}
    present = {name: table for name, table in by_name.items() if table is not None}
    scored = scored_tables(probe, [variant for variant in shown if variant.name in present], tables)
    values = ProbedValues.of(scored.values())
    for keys, draw in DRAWN.items():
        if present and all(set(keys) <= set(table.columns) for table in present.values()):
            comparable = comparable_tables(present, [key for key in keys if key not in PREDICTED])
            return draw(comparable, labels_of(comparison, probe, shown, comparable), values)
    comparable = comparable_tables(scored, ["value", "metric"])
    if not comparable:
        return None
    score, metrics = comparison.probe_score(probe), comparison.probe_metrics(probe)
    measured = list(dict.fromkeys(metric for table in comparable.values() for metric in table["metric"]))
    metric = score.name if score is not None and score.name in measured else main_metric(measured)
    levels = comparison.labelled_levels(metrics[0]) if metrics else {}
    labels = labels_of(comparison, probe, shown, comparable)
    return value_chart(comparable, metric, score, labels, values, levels)


def scored_tables(probe: str, variants: Sequence[Variant], tables: Tables) -> dict[str, pd.DataFrame]:
    """The tables of a probe's scores, by model."""
    scores = {variant.name: tables(variant, f"scores_{probe}") for variant in variants}
    return {name: table for name, table in scores.items() if table is not None}


def labels_of(comparison: Comparison, probe: str, shown: Sequence[Variant], drawn: ByModel) -> Labels:
    """The words of a probe's chart; which models are not in it."""
    without = [variant.name for variant in shown if variant.name not in drawn]
    missing = f" Not shown (other probed values, or no table): {', '.join(without)}." if without else ""
    return Labels(f"probe_{probe}", f"{comparison.task}: {probe.replace('_', ' ')} probe", missing, "x", "output")


def comparable_tables(tables: ByModel, keys: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables with the probed values that most have for every seed, as the columns ``keys`` state them."""
    names: dict[tuple[object, ...], list[str]] = {}
    for name, table in tables.items():
        one_seed = table[table["seed"] == table["seed"].iloc[0]]
        columns = [one_seed[key].astype(str) if one_seed[key].dtype == object else one_seed[key] for key in keys]
        if len(table) % len(one_seed) == 0:
            names.setdefault(tuple(map(tuple, columns)), []).append(name)
    most = max(names.values(), key=len, default=[])
    return {name: tables[name] for name in most}


def curves(tables: ByModel, labels: Labels, values: ProbedValues) -> Chart:
    """Probed curves with their predictions, a panel for each value; columns seed, value, x, truth, prediction."""
    first = next(iter(tables.values()))
    names, x = [str(value) for value in first["value"].unique()], first["x"].unique()
    shape = (-1, len(names), len(x))
    truth = first["truth"].to_numpy(dtype=float).reshape(shape)[0]
    predictions = {name: table["prediction"].to_numpy(dtype=float).reshape(shape) for name, table in tables.items()}
    panels = [
        LinePanel(
            values.title(name),
            {model: (x, members[:, index]) for model, members in predictions.items()},
            truth=(x, truth[index]),
        )
        for index, name in enumerate(names)
    ]
    caption = f"Solid: truth; dotted: prediction, median of the seeds; band: all finite seeds.{labels.caption}"
    words = Labels(labels.name, labels.title, caption, labels.x, labels.y)
    return line_chart(panels, words, limits=curve_limits(truth, list(predictions.values())))


def curve_limits(truth: np.ndarray, predictions: Sequence[np.ndarray]) -> tuple[float, float] | None:
    """Ends of an axis for curves: no further from the truth than it is high, or a diverging seed would flatten all."""
    known = drawable_numbers(truth)
    if not len(known):
        return None
    ends = np.append(known, drawable_numbers(np.concatenate([median(members) for members in predictions])))
    reach = float(np.ptp(known)) or 1.0
    low, high = max(ends.min(), known.min() - reach), min(ends.max(), known.max() + reach)
    margin = 0.06 * ((high - low) or 1.0)
    return float(low - margin), float(high + margin)


def parameters(tables: ByModel, labels: Labels, values: ProbedValues) -> Chart:
    """Predicted parameters; columns seed, value, parameter, truth, prediction.

    A parameter that varies is drawn over its true values; the others would be one line, and are left out.
    """
    first = next(iter(tables.values()))
    names, kinds = first["value"].unique(), [str(name) for name in first["parameter"].unique()]
    shape = (-1, len(names), len(kinds))
    truth = first["truth"].to_numpy(dtype=float).reshape(shape)[0]
    predictions = {name: table["prediction"].to_numpy(dtype=float).reshape(shape) for name, table in tables.items()}
    varied = [index for index in range(len(kinds)) if np.ptp(truth[:, index]) > 0]
    if not varied:
        return fixed_parameters(predictions, truth, kinds, [values.title(str(name)) for name in names], labels)
    panels = []
    for index, kind in enumerate(kinds):
        x = truth[:, varied[0]] if index not in varied else truth[:, index]
        order = np.argsort(x)
        series = {name: (x[order], members[:, order, index]) for name, members in predictions.items()}
        trained = values.trained([str(name) for name in names], x)
        panels.append(LinePanel(f"{kind}, predicted", series, truth=(x[order], truth[order, index]), trained=trained))
    caption = f"Solid: truth; dotted, with marks: prediction, median of the seeds; band: all seeds.{labels.caption}"
    words = Labels(labels.name, labels.title, caption, f"true {kinds[varied[0]]}", "value of the parameter")
    return line_chart(panels, words)


def fixed_parameters(
    predictions: Mapping[str, np.ndarray],
    truth: np.ndarray,
    kinds: Sequence[str],
    rows: Sequence[str],
    labels: Labels,
) -> Chart:
    """Parameters that are the same at all probed values: a row for each of these."""
    panels = []
    for index, kind in enumerate(kinds):
        dots = [
            Dot.of_seeds(row, name, seeds)
            for row in range(len(rows))
            for name, members in predictions.items()
            if len(seeds := drawable_numbers(members[:, row, index]))
        ]
        panels.append(DotPanel(kind, rows, dots, {"truth": float(truth[0, index])}))
    caption = f"{DOTS}.{labels.caption}"
    words = Labels(labels.name, labels.title, caption, "predicted value")
    return dot_chart(panels, words, [False] * len(panels))


def inverse(tables: ByModel, labels: Labels, values: ProbedValues) -> Chart:
    """Predicted z over the true one, a panel for each number of inputs; columns seed, inputs, z, prediction."""
    first = next(iter(tables.values()))
    panels = []
    for count in first["inputs"].unique():
        series, z = {}, np.empty(0)
        for name, table in tables.items():
            chosen = table[table["inputs"] == count]
            z = chosen["z"].unique()
            series[name] = z, chosen["prediction"].to_numpy(dtype=float).reshape(-1, len(z))
        one = first[(first["inputs"] == count) & (first["seed"] == first["seed"].iloc[0])]
        levels = {"best possible": (one["z"].to_numpy(), one["best_possible"].to_numpy(dtype=float))}
        panels.append(LinePanel(f"{count} inputs", series, levels=levels, truth=(z, z)))
    caption = f"Solid: truth; dotted: predicted z, median of the seeds; grey: best possible answer.{labels.caption}"
    truths = [panel.truth[1] for panel in panels if panel.truth is not None]
    limits = curve_limits(np.concatenate(truths), [m for panel in panels for _, m in panel.series.values()])
    words = Labels(labels.name, labels.title, caption, "true z", "predicted z")
    return line_chart(panels, words, limits=limits)


def maps(tables: ByModel, labels: Labels, values: ProbedValues) -> Chart:
    """A score over two parameters, a panel for each model; columns as `seqprobe.probes.map_probes.Map` has them."""
    return map_chart(tables, labels)


PREDICTED = ("prediction", "score", "best_possible")
"""Columns that differ between models."""
DRAWN: dict[tuple[str, ...], Callable[[ByModel, Labels, ProbedValues], Chart]] = {
    ("value", "x", "truth", "prediction"): curves,
    ("x_name", "y_name", "x", "y", "x_low", "x_high", "y_low", "y_high", "score"): maps,
    ("value", "parameter", "truth", "prediction"): parameters,
    ("inputs", "z", "prediction", "best_possible"): inverse,
}
"""Columns of a probe's own table to what draws it; other probes are drawn by their scores."""
