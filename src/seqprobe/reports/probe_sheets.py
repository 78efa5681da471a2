"""Contact sheets: one probe put to every model of a task, drawn as the probe's own table allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.figures import Panel
from seqprobe.reports.comparison import Variant
from seqprobe.reports.run_tables import Tables, main_metric

if TYPE_CHECKING:
    from matplotlib.figure import Figure

References = Callable[[str], Mapping[str, float]]


def probe_sheet(
    probe: str, variants: Sequence[Variant], tables: Tables, title: str, references: References
) -> tuple[Figure, list[str]] | None:
    """The sheet of a probe with the names of the models on it, or None where no model has its table.

    Models that were asked for other values than most are left out: they would be drawn beside the wrong truth.

    Args:
        references: named levels of a metric.
    """
    found = {each.name: tables(each, f"probe_{probe}") for each in variants}
    whole = {name: table for name, table in found.items() if table is not None}
    for keys, draw in DRAWN.items():
        if whole and all(set(keys) <= set(table.columns) for table in whole.values()):
            asked = asked_alike(whole, [key for key in keys if key not in ("prediction", "score")])
            return draw(asked, title), list(asked)
    scores = {each.name: tables(each, f"scores_{probe}") for each in variants if each.name in whole}
    rated = asked_alike({name: table for name, table in scores.items() if table is not None}, ["value", "metric"])
    return (by_value(rated, title, references), list(rated)) if rated else None


def asked_alike(tables: Mapping[str, pd.DataFrame], keys: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables that ask every seed the same as most do, told by the columns ``keys``."""
    asked: dict[tuple[object, ...], list[str]] = {}
    for name, table in tables.items():
        one_seed = table[table["seed"] == table["seed"].iloc[0]]
        columns = [one_seed[key].astype(str) if one_seed[key].dtype == object else one_seed[key] for key in keys]
        if len(table) % len(one_seed) == 0:
            asked.setdefault(tuple(map(tuple, columns)), []).append(name)
    most = max(asked.values(), key=len, default=[])
    return {name: tables[name] for name in most}


def curves(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Probed curves with their predictions; columns seed, value, x, truth, prediction."""
    first = next(iter(tables.values()))
    labels, x = [str(value) for value in first["value"].unique()], first["x"].unique()
    one_seed = first[first["seed"] == first["seed"].iloc[0]]
    truth = one_seed["truth"].to_numpy().reshape(len(labels), len(x))
    predictions = {
        name: table["prediction"].to_numpy(dtype=float).reshape(-1, len(labels), len(x))
        for name, table in tables.items()
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
    }
    return figures.parameter_sheet(truth, predictions, names, labels, title)


def maps(tables: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """A score over two parameters, on one colour scale; columns as `seqprobe.probes.map_probes.Map` writes them."""
    first = next(iter(tables.values()))
    one = first.iloc[0]
    x, y = np.sort(first["x"].unique()), np.sort(first["y"].unique())
    scores = {name: table["score"].to_numpy(dtype=float).reshape(-1, len(y), len(x)) for name, table in tables.items()}
    box = ((float(one["x_low"]), float(one["x_high"])), (float(one["y_low"]), float(one["y_high"])))
    return figures.generalisation_map(
        scores, x, y, str(one["x_name"]), str(one["y_name"]), box, str(one["metric"]), title
    )


def by_value(tables: Mapping[str, pd.DataFrame], title: str, references: References) -> Figure:
    """A score against the probed values; columns seed, value, metric, score."""
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


DRAWN: dict[tuple[str, ...], Callable[[Mapping[str, pd.DataFrame], str], Figure]] = {
    ("value", "x", "truth", "prediction"): curves,
    ("x_name", "y_name", "x", "y", "x_low", "x_high", "y_low", "y_high", "score"): maps,
    ("value", "parameter", "truth", "prediction"): parameters,
}
"""Columns of a probe's own table to what draws it; other probes are drawn by their scores."""
