"""Evaluate a trained population: run its probes, draw its training, summarise it, and record its members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from seqprobe.evaluation.emergence import record_emergence
from seqprobe.evaluation.population_members import PopulationMembers, run_probe
from seqprobe.evaluation.summary import population_outcomes, summary_markdown
from seqprobe.evaluation.training_figures import draw_outcome
from seqprobe.learned import population_metrics
from seqprobe.learning.devices import full_float32
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.minibatch_text import training_example
from seqprobe.learning.recorder import PROBE_IMAGES, Drawing, Recorder
from seqprobe.learning.result import TrainResult
from seqprobe.probes import ProbeResult
from seqprobe.scoring import MetricName

Stage = Callable[[str], None]
MAX_METRICS = 25
"""Of a run: more would hide those that matter. All scores are in the population's table."""


@full_float32()
def evaluate(
    experiment: Experiment, result: TrainResult, recorder: Recorder, stage: Stage = lambda words: None
) -> Mapping[str, ProbeResult]:
    """Record everything about a training that is known once it has ended; returns what its probes measured, by name.

    Members are recorded last: a member that the store has is complete. What overflows is a result: it is recorded as it
    is, and drawn without numbers.

    Args:
        stage: called with what begins, in a word.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return record_outcome(experiment, result, recorder, stage)


def record_outcome(
    experiment: Experiment, result: TrainResult, recorder: Recorder, stage: Stage
) -> Mapping[str, ProbeResult]:
    """Record what `evaluate` does; NumPy's warnings of overflow are off by then."""
    recorder.record_text("training_example", training_example(experiment.task, experiment.seeds[0]))
    outcomes = population_outcomes(experiment.task, result)
    recorder.record_outcomes(outcomes, result.diverged_at.tolist(), result.causes)
    levels = {role: levels.score for role, levels in result.references.items()}
    recorder.record_levels(levels)
    stage("probing")
    results = probe_results(experiment, result)
    others = len(result.history) + len(population_metrics(outcomes))
    snapshots = record_probes(experiment, result, recorder, results, others)
    recorder.record_scores(validation_scores(result, levels) | probe_scores(experiment, results))
    stage("drawing")
    outcome = partial(draw_outcome, experiment, result)  # first, for it takes longest
    recorder.record_drawings([outcome, *probe_drawings(experiment, results), *snapshots])
    recorder.record_note(summary_markdown(experiment, result, results))
    recorder.record_members(result)
    return results


def probe_results(experiment: Experiment, result: TrainResult) -> Mapping[str, ProbeResult]:
    """What every probe measures on the population with its last weights, by the probe's name."""
    return {
        name: run_probe(probe, PopulationMembers(experiment, result.population.eval(), result.engine))
        for name, probe in experiment.probes.items()
    }


def record_probes(
    experiment: Experiment, result: TrainResult, recorder: Recorder, results: Mapping[str, ProbeResult], others: int
) -> list[Drawing]:
    """Record the metrics of probes, at the end of the training and at its snapshots.

    Of each probe these are its main score's, as long as they fit: a run has `MAX_METRICS` at most.

    Args:
        others: how many metrics the population's run has besides.

    Returns:
        Drawings of snapshots.
    """
    metrics: dict[str, np.ndarray] = {}
    for name, probed in results.items():
        of_probe = probed.main_metrics(name, experiment.probes[name].scores)
        if others + len(metrics) + len(of_probe) <= MAX_METRICS:
            metrics |= of_probe
    drawings = record_emergence(experiment, result, recorder, results, list(metrics))
    recorder.record_metrics(result.updates, metrics)
    return drawings


def validation_scores(result: TrainResult, levels: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The validation's scores with the last weights and with the best ones, and their ``levels``, by metric name."""
    return {
        **{str(MetricName("val", name)): values for name, values in result.scores.items()},
        **{str(MetricName("best", name)): values for name, values in result.best_scores.items()},
        **{str(MetricName("reference", "", role=role)): values for role, values in levels.items()},
    }


def probe_scores(experiment: Experiment, results: Mapping[str, ProbeResult]) -> dict[str, np.ndarray]:
    """All scores of all probes by metric name."""
    of_probes = [probed.all_scores(name, experiment.probes[name].scores) for name, probed in results.items()]
    return {name: scores for of_probe in of_probes for name, scores in of_probe.items()}


def probe_drawings(experiment: Experiment, results: Mapping[str, ProbeResult]) -> list[Drawing]:
    """A drawing for each probe that measured something."""
    return [partial(draw_probe, experiment, name, probed) for name, probed in results.items() if not probed.is_missing]


def draw_probe(experiment: Experiment, name: str, probed: ProbeResult, recorder: Recorder) -> None:
    """Record a probe's figure, and the table of the numbers behind it."""
    figure = experiment.probes[name].draw(probed, experiment.task, f"{experiment.title}: probe {name}")
    recorder.record_figure(f"probe_{name}", figure, f"{PROBE_IMAGES}/{name}")
    scores = probed.rows(experiment.seeds)
    recorder.record_table(f"probe_{name}", scores if probed.table is None else probed.table)
    if len(scores):
        recorder.record_table(f"scores_{name}", scores)
