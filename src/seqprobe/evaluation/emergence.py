"""When generalisation appears: probes put to a population as it was at a few moments of its training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from seqprobe.evaluation.population_members import PopulationMembers
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import Recorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.snapshots import population_at
from seqprobe.probes import ProbeResult


def record_emergence(
    experiment: Experiment, result: TrainResult, recorder: Recorder, after: Mapping[str, ProbeResult]
) -> None:
    """Record each probe's scores at every moment before the last, and all moments, the last too, in table ``moments``.

    The table has the means over the values of `Probe.during_training`, at the end as well, so that its rows compare.
    A metric ends with what the probe itself found ``after`` training. So it is told under the mean's name,
    ``probe/<probe>/<metric>``, if both are asked the same values; if some are left out during training, the means
    would not be of the same thing, and those that are asked are told one by one: ``probe/<probe>/<value>/<metric>``.
    """
    asked = {name: probe.during_training() for name, probe in experiment.probes.items()}
    found = list[pd.DataFrame]()
    for update, weights in {**result.snapshots, result.updates: last_weights(result)}.items():
        told: dict[str, np.ndarray] = {}
        with population_at(result.population, weights) as population:
            members = PopulationMembers(experiment, population, result.engine)
            for name, probe in asked.items():
                if probe is not None:
                    answered = probe.run(members, experiment.task, experiment.seeds)
                    told |= snapshot_metrics(name, answered, after[name])
                    found += [
                        score_rows(experiment.seeds, update, name, *own) for own in answered.summary_scores().items()
                    ]
        if told and update < result.updates:
            recorder.record_metrics(update, told)
    if found:
        recorder.record_table("moments", pd.concat(found, ignore_index=True))


def last_weights(result: TrainResult) -> np.ndarray:
    """The weights after training as `Snapshots` keeps them."""
    population = result.population
    return population.weights.detach().masked_fill(~population.alive.unsqueeze(1), torch.nan).cpu().numpy()


def snapshot_metrics(probe: str, during: ProbeResult, after: ProbeResult) -> dict[str, np.ndarray]:
    """What is told of a moment, under names whose last value means the same."""
    if list(during.labels) == list(after.labels):
        return during.mean_metrics(probe)
    return during.value_metrics(probe)


def score_rows(seeds: Sequence[int], update: int, probe: str, metric: str, scores: np.ndarray) -> pd.DataFrame:
    """A row per member."""
    return pd.DataFrame({"seed": seeds, "update": update, "probe": probe, "metric": metric, "score": scores})
