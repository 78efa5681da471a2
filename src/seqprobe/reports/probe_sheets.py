"""Contact sheets: one probe put to every model of a task, drawn as the probe's own table allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.figures import Panel
from seqprobe.reports.tables import Tables, main_metric

if TYPE_CHECKING:
    from matplotlib.figure import Figure

References = Callable[[str], Mapping[str, float]]


def probe_sheet(
    probe: str, runs: Mapping[str, str], tables: Tables, title: str, references: References
) -> Figure | None:
    """The sheet of a probe, or None where no model has its table.

    Args:
        runs: the population's run of each model, by the model's name.
        references: named levels of a metric.
    """
    found = {name: tables(run, f"probe_{probe}") for name, run in runs.items()}
    whole = {name: table for name, table in found.items() if table is not None and len(table)}
    if not whole:
        return None
    columns = set.intersection(*(set(table.columns) for table in whole.values()))
    if {"x", "truth", "prediction"} <= columns:
        return curves(whole, title)
    if {"x_name", "y_name", "score"} <= columns:
        return maps(whole, title)
    if {"parameter", "truth", "prediction"} <= columns:
        return parameters(whole, title)
    scores = {name: tables(run, f"scores_{probe}") for name, run in runs.items() if name in whole}
    return by_value(
        {name: table for name, table in scores.items() if table is not None and len(table)}, title, references
    )


def curves(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Probed curves with their predictions; columns seed, value, x, truth, prediction."""
    first = next(iter(tables.values()))
    labels, x = [str(value) for value in first["value"].unique()], first["x"].unique()
    one_seed = first[first["seed"] == first["seed"].iloc[0]]
    truth = one_seed["truth"].to_numpy().reshape(len(labels), len(x))
    predictions = {
        name: table["prediction"].to_numpy(dtype=float).reshape(-1, len(labels), len(x))
        for name, table in tables.items()
        if len(table) % truth.size == 0
    }
    return figures.curve_sheet(x, truth, predictions, labels, "x", title)


def parameters(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Named parameters; columns seed, value, parameter, truth, prediction."""
    first = next(iter(tables.values()))
    labels, names = (
        [str(value) for value in first["value"].unique()],
        [str(name) for name in first["parameter"].unique()],
    )
    one_seed = first[first["seed"] == first["seed"].iloc[0]]
    truth = one_seed["truth"].to_numpy().reshape(len(labels), len(names))
    predictions = {
        name: table["prediction"].to_numpy(dtype=float).reshape(-1, len(labels), len(names))
        for name, table in tables.items()
        if len(table) % truth.size == 0
    }
    return figures.parameter_sheet(truth, predictions, names, labels, title)


def maps(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """A score over two parameters, on one colour scale; columns as `seqprobe.probes.map.Map` writes them."""
    first = next(iter(tables.values()))
    one = first.iloc[0]
    x, y = np.sort(first["x"].unique()), np.sort(first["y"].unique())
    scores = {
        name: table["score"].to_numpy(dtype=float).reshape(-1, len(y), len(x))
        for name, table in tables.items()
        if len(table) % (len(x) * len(y)) == 0
    }
    box = ((float(one["x_low"]), float(one["x_high"])), (float(one["y_low"]), float(one["y_high"])))
    return figures.generalisation_map(
        scores, x, y, str(one["x_name"]), str(one["y_name"]), box, str(one["metric"]), title
    )


def by_value(tables: Mapping[str, pd.DataFrame], title: str, references: References) -> Figure | None:
    """A score against the probed values; columns seed, value, metric, score."""
    if not tables:
        return None
    metric = main_metric(pd.concat(list(tables.values()))["metric"])
    labels: dict[str, None] = {}
    for table in tables.values():
        labels |= dict.fromkeys(table["value"].astype(str))
    ranged = all("varied" in table and table["varied"].notna().all() for table in tables.values())
    levels = references(metric) if ranged else {}  # what looks inside is not measured as validation is
    panels = []
    for name, table in tables.items():
        own = table[table["metric"] == metric].assign(value=table["value"].astype(str))
        wide = own.pivot_table(index="seed", columns="value", values="score", aggfunc="mean", dropna=False)
        values = wide.reindex(columns=list(labels)).to_numpy(dtype=float)
        panels.append(Panel(name, {name: (np.arange(len(labels)), values)}, levels))
    return figures.small_multiples(
        panels, list(tables), "probed value", metric, title, "where a model's score falls", ticks=list(labels)
    )
