"""Contact sheets: one probe of every model of a task, drawn as the probe's table allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.figures import Panel
from seqprobe.reports.comparison import Variant
from seqprobe.reports.run_tables import Tables, level_series, main_metric
from seqprobe.scoring import Score

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def probe_sheet(
    probe: str,
    score: Score | None,
    variants: Sequence[Variant],
    tables: Tables,
    title: str,
    levels: Mapping[str, float],
) -> tuple[Figure, list[str]] | None:
    """The sheet of a probe with the names of the models on it, or None where no model has its table.

    Models that were probed at other values than most are left out: they would be drawn beside the wrong truth.

    Args:
        score: by which models are compared on the probe; None: by what its table has.
        levels: named levels of that score, for a probe that has none of its own.
    """
    by_name = {variant.name: tables(variant, f"probe_{probe}") for variant in variants}
    present = {name: table for name, table in by_name.items() if table is not None}
    for keys, draw in DRAWN.items():
        if present and all(set(keys) <= set(table.columns) for table in present.values()):
            comparable = comparable_tables(present, [key for key in keys if key not in ("prediction", "score")])
            return draw(comparable, title), list(comparable)
    scores = {variant.name: tables(variant, f"scores_{probe}") for variant in variants if variant.name in present}
    scored = {name: table for name, table in scores.items() if table is not None}
    comparable = comparable_tables(scored, ["value", "metric"])
    return (by_value(comparable, title, score, levels), list(comparable)) if comparable else None


def comparable_tables(tables: Mapping[str, pd.DataFrame], keys: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables with the probed values that most have for every seed, as the columns ``keys`` state them."""
    names: dict[tuple[object, ...], list[str]] = {}
    for name, table in tables.items():
        one_seed = table[table["seed"] == table["seed"].iloc[0]]
        columns = [one_seed[key].astype(str) if one_seed[key].dtype == object else one_seed[key] for key in keys]
        if len(table) % len(one_seed) == 0:
            names.setdefault(tuple(map(tuple, columns)), []).append(name)
    most = max(names.values(), key=len, default=[])
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


def by_value(
    tables: Mapping[str, pd.DataFrame], title: str, score: Score | None, known_levels: Mapping[str, float]
) -> Figure:
    """A score against the probed values; columns seed, value, metric, score."""
    measured = list(pd.concat(list(tables.values()))["metric"].unique())
    metric = score.name if score is not None and score.name in measured else main_metric(measured)
    labels: dict[str, None] = {}
    for table in tables.values():
        labels |= dict.fromkeys(table["value"].astype(str))
    ranged = all("varied" in table and table["varied"].notna().all() for table in tables.values())
    measured_rows = [as_text(table[table["metric"] == metric]) for table in tables.values()]
    levels = {
        name: (np.array([list(labels).index(label) for label in at]), values)
        for name, (at, values) in level_series(measured_rows, "value").items()
    }
    # Probes that look inside do not measure what validation does.
    references = known_levels if ranged and not levels else {}
    panels = []
    for name, rows in zip(tables, measured_rows, strict=True):
        wide = rows.pivot_table(index="seed", columns="value", values="score", aggfunc="mean", dropna=False)
        values = wide.reindex(columns=list(labels)).to_numpy(dtype=float)
        panels.append(Panel(name, {name: (np.arange(len(labels)), values)}, references, levels))
    return figures.small_multiples(
        panels, list(tables), "probed value", metric, title, "where a model's score falls", ticks=list(labels)
    )


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its probed values as text: a column of numbers in one table may have words in another."""
    return table.assign(value=table["value"].astype(str))


DRAWN: dict[tuple[str, ...], Callable[[Mapping[str, pd.DataFrame], str], Figure]] = {
    ("value", "x", "truth", "prediction"): curves,
    ("x_name", "y_name", "x", "y", "x_low", "x_high", "y_low", "y_high", "score"): maps,
    ("value", "parameter", "truth", "prediction"): parameters,
}
"""Columns of a probe's own table to what draws it; other probes are drawn by their scores."""
