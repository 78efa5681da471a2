"""When generalisation appears: probes run on a population's snapshots."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import torch

from seqprobe.evaluation.population_members import PopulationMembers
from seqprobe.evaluation.snapshot_members import run_on_snapshots
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import SNAPSHOT_IMAGES, Drawing, Recorder
from seqprobe.learning.result import TrainResult
from seqprobe.probes import ProbeResult
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
    probed = probe_snapshots(experiment, result, after)
    updates = list(dict.fromkeys(update for results in probed.values() for update in results))
    for update in updates[:-1]:
        during = [
            snapshot_metrics(name, results[update], after[name], experiment.probes[name].scores)
            for name, results in probed.items()
        ]
        metrics = {name: scores for named in during for name, scores in named.items() if name in shown}
        if metrics:
            recorder.record_metrics(update, metrics)
    rows = [row for update in updates for row in score_rows(experiment.seeds, update, probed)]
    if rows:
        recorder.record_table("snapshots", pd.DataFrame(rows, columns=list(COLUMNS)))
    return [
        partial(draw_snapshot, experiment, name, results[update], update)
        for name, results in itertools.islice(probed.items(), 1)
        for update in drawn_updates(updates)
    ]


def probe_snapshots(
    experiment: Experiment, result: TrainResult, after: Mapping[str, ProbeResult]
) -> dict[str, dict[int, ProbeResult]]:
    """What each probe that runs on snapshots measures on them, by its name and by update; the last is the end."""
    snapshots = {update: weights for update, weights in result.snapshots.items() if update < result.updates}
    members, probed = PopulationMembers(experiment, result.population, result.engine), {}
    for name, probe in experiment.probes.items():
        during = probe.during_training()
        if during is None or after[name].is_missing:
            continue
        weights = [*snapshots.values(), last_weights(result)]
        if during is probe:  # it has run on the last ones
            results = [*run_on_snapshots(during, members, weights[:-1]), after[name]]
        else:
            results = run_on_snapshots(during, members, weights)
        probed[name] = dict(zip([*snapshots, result.updates], results, strict=True))
    return probed


def drawn_updates(updates: Sequence[int]) -> list[int]:
    """The snapshots that are drawn, of all at ``updates``: evenly among them, for they are dense at the beginning."""
    places = np.unique(np.linspace(0, len(updates) - 1, DRAWN).round().astype(int))
    return [updates[place] for place in places.tolist()]


def draw_snapshot(experiment: Experiment, name: str, probed: ProbeResult, update: int, recorder: Recorder) -> None:
    """Record a probe's figure at a snapshot."""
    probe = experiment.probes[name].during_training()
    assert probe is not None
    title = f"{experiment.title}: probe {name} after {update} updates"
    recorder.record_snapshot(f"{SNAPSHOT_IMAGES}/{name}", probe.draw(probed, experiment.task, title), update)


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
    seeds: Sequence[int], update: int, probed: Mapping[str, Mapping[int, ProbeResult]]
) -> Iterator[ScoreRow]:
    """A row per probe, score and member, with `COLUMNS`."""
    for name, results in probed.items():
        for band, metric, scores in results[update].summary_scores():
            for seed, score in zip(seeds, scores.tolist(), strict=True):
                yield seed, update, name, band, metric, score
