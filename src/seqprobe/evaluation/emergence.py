"""When generalisation appears: probes run on a population's snapshots."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch

from seqprobe.evaluation.population_members import PopulationMembers, run_probe
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import SNAPSHOT_IMAGES, Drawing, Recorder
from seqprobe.learning.result import TrainResult
from seqprobe.models import Population
from seqprobe.probes import Probe, ProbeResult
from seqprobe.scoring import MetricName, Score

ScoreRow = tuple[int, int, str, str, str, float]
COLUMNS = ("seed", "update", "probe", "band", "metric", "score")
"""Of the table ``snapshots``."""
DRAWN = 3
"""States of the first probe's figure that the UI's step slider goes through."""


def record_emergence(
    experiment: Experiment,
    result: TrainResult,
    recorder: Recorder,
    after: Mapping[str, ProbeResult],
    shown: Collection[str],
) -> list[Drawing]:
    """Record ``shown`` metrics at each snapshot except the last, and all scores in the table ``snapshots``.

    The table has the means over the values of `Probe.during_training`, at the end as well, so that its rows compare.
    A metric's last value is the probe's score ``after`` training. So its mean over a band is recorded during training
    only where both cover the same values of the band: a mean over fewer would be another quantity.

    Returns:
        Drawings of the first probe at a few snapshots.
    """
    probes = {name: probe.during_training() for name, probe in experiment.probes.items()}
    first = next((name for name, probe in probes.items() if probe is not None and not after[name].is_missing), "")
    snapshots = {**result.snapshots, result.updates: last_weights(result)}
    drawn, rows, drawings = drawn_updates(list(snapshots)), list[ScoreRow](), list[Drawing]()
    for update, weights in snapshots.items():
        metrics: dict[str, np.ndarray] = {}
        with population_at(result.population, weights) as population:
            for name, probe in probes.items():
                if probe is not None and not after[name].is_missing:
                    probed = run_probe(probe, PopulationMembers(experiment, population, result.engine))
                    if name == first and update in drawn:
                        drawings.append(partial(draw_snapshot, experiment, name, probe, probed, update))
                    during = snapshot_metrics(name, probed, after[name], experiment.probes[name].scores)
                    metrics |= {metric: scores for metric, scores in during.items() if metric in shown}
                    for scores in probed.summary_scores():
                        rows += score_rows(experiment.seeds, update, name, *scores)
        if metrics and update < result.updates:
            recorder.record_metrics(update, metrics)
    if rows:
        recorder.record_table("snapshots", pd.DataFrame(rows, columns=list(COLUMNS)))
    return drawings


def drawn_updates(updates: Sequence[int]) -> list[int]:
    """The snapshots that are drawn, of all at ``updates``: evenly among them, for they are dense at the beginning."""
    places = np.unique(np.linspace(0, len(updates) - 1, DRAWN).round().astype(int))
    return [updates[place] for place in places.tolist()]


def draw_snapshot(
    experiment: Experiment, name: str, probe: Probe[Any], probed: ProbeResult, update: int, recorder: Recorder
) -> None:
    """Record a probe's figure at a snapshot."""
    title = f"{experiment.title}: probe {name} after {update} updates"
    recorder.record_snapshot(f"{SNAPSHOT_IMAGES}/{name}", probe.draw(probed, experiment.task, title), update)


@contextmanager
def population_at(population: Population, weights: np.ndarray) -> Iterator[Population]:
    """The population with the weights of a snapshot, ``(seeds, width)``; afterwards it has its last weights again."""
    last, alive = population.weights.detach().clone(), population.alive.clone()
    then = torch.from_numpy(weights).to(last)
    finite = then.isfinite().all(1)
    try:
        with torch.no_grad():
            population.weights.copy_(torch.where(finite.unsqueeze(1), then, last))
        population.alive.copy_(finite)
        yield population
    finally:
        with torch.no_grad():
            population.weights.copy_(last)
        population.alive.copy_(alive)


def last_weights(result: TrainResult) -> np.ndarray:
    """The weights after training, as a snapshot."""
    population = result.population
    return population.weights.detach().masked_fill(~population.alive.unsqueeze(1), torch.nan).cpu().numpy()


def snapshot_metrics(
    probe: str, during: ProbeResult, after: ProbeResult, stated: Sequence[Score]
) -> dict[str, np.ndarray]:
    """A snapshot's metrics, under names whose last value is of the same quantity."""
    means = during.mean_metrics(probe, after.main_measure(stated))
    before, last = labels_by_band(during), labels_by_band(after)
    changed = [band for band, labels in before.items() if labels != last.get(band)]
    return {name: scores for name, scores in means.items() if MetricName.parse(name).band not in changed}


def labels_by_band(result: ProbeResult) -> dict[str, list[str]]:
    """The values of each band, by their names; without names where the values are only averaged."""
    return {
        band: [result.labels[place] for place in places] if result.labels else []
        for band, places in result.places_by_band().items()
    }


def score_rows(
    seeds: Sequence[int], update: int, probe: str, band: str, metric: str, scores: np.ndarray
) -> list[ScoreRow]:
    """A row per member, with `COLUMNS`."""
    return [(seed, update, probe, band, metric, score) for seed, score in zip(seeds, scores.tolist(), strict=True)]
