"""Evaluate a trained population: run its probes, draw its training, summarise it, and record its members."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from seqprobe.evaluation.emergence import record_emergence
from seqprobe.evaluation.population_members import PopulationMembers
from seqprobe.evaluation.summary import population_outcomes, summary_markdown
from seqprobe.evaluation.training_figures import draw_outcome
from seqprobe.learning.devices import full_float32
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.minibatch_text import training_example
from seqprobe.learning.recorder import PROBE_IMAGES, Recorder
from seqprobe.learning.result import TrainResult
from seqprobe.probes import ProbeResult
from seqprobe.scoring import MetricName

Stage = Callable[[str], None]


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
    recorder.record_outcomes(population_outcomes(experiment.task, result), result.diverged_at.tolist(), result.causes)
    best = {str(MetricName("best", name)): value for name, value in result.best_scores.items()}
    recorder.record_metrics(result.updates, best)
    recorder.record_levels({role: levels.score for role, levels in result.references.items()})
    stage("probing")
    results = probe_results(experiment, result)
    record_emergence(experiment, result, recorder, results)
    stage("drawing")
    for name, probed in results.items():
        record_probe(experiment, name, probed, result.updates, recorder)
    draw_outcome(experiment, result, recorder)
    recorder.record_note(summary_markdown(experiment, result, results))
    recorder.record_members(result)
    return results


def probe_results(experiment: Experiment, result: TrainResult) -> Mapping[str, ProbeResult]:
    """What every probe measures on the population with its last weights, by the probe's name."""
    members = PopulationMembers(experiment, result.population.eval(), result.engine)
    return {name: probe.run(members, experiment.task, experiment.seeds) for name, probe in experiment.probes.items()}


def record_probe(experiment: Experiment, name: str, probed: ProbeResult, step: int, recorder: Recorder) -> None:
    """Record a probe's metrics after ``step`` updates, its figure, and the table of the numbers behind it."""
    probe = experiment.probes[name]
    recorder.record_metrics(step, probed.metrics(name, probe.scores))
    figure = probe.draw(probed, experiment.task, f"{experiment.title}: probe {name}")
    recorder.record_figure(f"probe_{name}", figure, f"{PROBE_IMAGES}/{name}")
    scores = probed.rows(experiment.seeds)
    recorder.record_table(f"probe_{name}", scores if probed.table is None else probed.table)
    if len(scores):
        recorder.record_table(f"scores_{name}", scores)
