"""Compare the models of each task: medians, ranks, and differences of paired seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqprobe.learned import FINITE
from seqprobe.reports.comparison import Comparison, ScoreSummary, Variant
from seqprobe.reports.ranking import Ranking, rank_variants
from seqprobe.reports.statistics import median_interval
from seqprobe.scoring import BANDS, MetricName, Score


def comparisons(members: pd.DataFrame) -> list[Comparison]:
    """The comparison of each task and setting, from the members that `selection.current_members` gives."""
    return [compare_task(str(task), rows) for task, rows in members.groupby("setting", sort=False)]


def compare_task(task: str, members: pd.DataFrame) -> Comparison:
    """One task's comparison."""
    variants = [variant_of(str(name), rows) for name, rows in members.groupby("variant")]
    finished = members[members["status"] == "FINISHED"]
    scores = compared_scores(finished)
    values = values_by_model(finished[finished["metric"].isin(list(scores))])
    levels = reference_levels(finished, scores)
    summaries: dict[tuple[str, str], ScoreSummary] = {}
    rankings: dict[str, Ranking] = {}
    for metric, score in scores.items():
        by_model = {variant.name: values.get((variant.name, metric), {}) for variant in variants}
        rankings[metric] = rank_variants(metric, score, variants, by_model, levels.get(metric, {}).get("constant"))
        for name, by_seed in by_model.items():
            interval = median_interval(list(by_seed.values())) if by_seed else None
            mark, is_measured = rankings[metric].marks.get(name, ""), (name, metric) in values
            summaries[name, metric] = ScoreSummary(by_seed, interval, mark, is_measured)
    return Comparison(
        task=task,
        tested={metric: ranking.tested for metric, ranking in rankings.items()},
        scores=scores,
        variants=variants,
        summaries=summaries,
        pairs=[pair for ranking in rankings.values() for pair in ranking.pairs],
        probes=probes_of(finished),
        levels=levels,
    )


def compared_scores(members: pd.DataFrame) -> dict[str, Score]:
    """What models are compared by, by metric name: the validation's main score, then each probe's.

    Where runs state different things of a metric, the newest run is right.
    """
    main = members[members["is_main"]].sort_values("started", kind="stable")
    newest = main.drop_duplicates("metric", keep="last")
    scores = dict(zip(newest["metric"].astype(str), newest["score"], strict=True))
    return {name: scores[name] for name in sorted(scores, key=reading_order)}


def reading_order(metric: str) -> tuple[bool, str, int, str]:
    """By what metrics are sorted: validation first, then each probe, from inside the training range outwards."""
    part = MetricName.parse(metric)
    band = [str(band) for band in ("", *BANDS)].index(part.band)
    return part.group != "val", part.probe, band, part.measure


def values_by_model(members: pd.DataFrame) -> dict[tuple[str, str], dict[int, float]]:
    """Finite values by model and metric, then by seed."""
    values: dict[tuple[str, str], dict[int, float]] = {}
    columns = (members[name] for name in ("variant", "metric", "seed", "value"))
    for name, metric, seed, value in zip(*columns, strict=True):
        by_seed = values.setdefault((str(name), str(metric)), {})
        if np.isfinite(value):
            by_seed[int(seed)] = float(value)
    return values


def probes_of(members: pd.DataFrame) -> list[str]:
    """The names of all probes that measured something of networks."""
    parts = (MetricName.parse(name) for name in members["metric"].unique())
    return list(dict.fromkeys(part.probe for part in parts if part.group == "probe"))


def reference_levels(members: pd.DataFrame, scores: dict[str, Score]) -> dict[str, dict[str, float]]:
    """The median over members of each reference level, by the metric that it belongs to and its role."""
    validation = next((name for name in scores if MetricName.parse(name).group == "val"), "")
    parts = {name: MetricName.parse(name) for name in members["metric"].unique()}
    levels = {name: part for name, part in parts.items() if part.group == "reference" and not part.value}
    medians = members[members["metric"].isin(list(levels))].groupby("metric", sort=False)["value"].median()
    by_metric: dict[str, dict[str, float]] = {metric: {} for metric in scores}
    for name, level in medians.items():
        part = levels[str(name)]
        metric = str(part.scored) if part.probe else validation
        if metric in scores:
            by_metric[metric][part.role] = float(level)
    return {metric: by_role for metric, by_role in by_metric.items() if by_role}


def variant_of(name: str, members: pd.DataFrame) -> Variant:
    """A model, from its members' rows."""
    runs = members.drop_duplicates("run_id").sort_values("seed")
    finished = runs[runs["status"] == "FINISHED"]
    newest = (finished if len(finished) else runs).sort_values("started", kind="stable").iloc[-1]
    states = [
        (outcome or FINITE) if status == "FINISHED" else status
        for status, outcome in zip(runs["status"], runs["outcome"], strict=True)
    ]
    seeds = [int(seed) for seed in runs["seed"]]
    by_parent = finished.groupby("parent_id")["seed"]
    populations = {str(parent): [int(seed) for seed in group] for parent, group in by_parent}
    return Variant(
        name=name,
        model=str(newest["model"]),
        parent_id=str(newest["parent_id"]),
        experiment_id=str(newest["experiment_id"]),
        populations=populations,
        runs=dict(zip(seeds, runs["run_id"], strict=True)),
        states=dict(zip(seeds, states, strict=True)),
        tuned=str(newest["tuned"]),
    )
