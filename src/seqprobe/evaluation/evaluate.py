"""Train one population on one task, put its probes to it, and tell a recorder everything."""

from __future__ import annotations

import numpy as np

from seqprobe.evaluation.emergence import put_probes_during
from seqprobe.evaluation.population_members import PopulationMembers
from seqprobe.evaluation.summary import note
from seqprobe.evaluation.training_figures import draw_outcome
from seqprobe.learning.callbacks import Progress
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import Earlier, fit
from seqprobe.learning.minibatch_text import training_example
from seqprobe.learning.recorder import Recorder
from seqprobe.learning.result import TrainResult


def train(
    experiment: Experiment, recorder: Recorder, progress: Progress | None = None, earlier: Earlier | None = None
) -> TrainResult:
    """Train, probe and record one population, going on from what ``earlier`` trainings left."""
    result = fit(experiment, recorder, progress, earlier=earlier)
    recorder.text("training_example", training_example(experiment.task, experiment.seeds[0]))
    recorder.diverged(result.diverged_at.tolist(), result.causes)
    recorder.metrics(result.updates, {f"best/val/{name}": value for name, value in result.best_scores.items()})
    probed = put_probes(experiment, result, recorder)
    draw_outcome(experiment, result, recorder)
    recorder.note(note(experiment, result, probed))
    recorder.members(result)
    return result


def put_probes(experiment: Experiment, result: TrainResult, recorder: Recorder) -> dict[str, dict[str, np.ndarray]]:
    """Put every probe to the population as it is now, and some as it was during training.

    Returns:
        Each probe's metrics at the end, by its name.
    """
    members = PopulationMembers(experiment, result.population.eval(), result.engine)
    answers = {name: probe.run(members, experiment.task, experiment.seeds) for name, probe in experiment.probes.items()}
    put_probes_during(experiment, result, recorder, answers)
    probed = {name: answered.metrics(name) for name, answered in answers.items()}
    for name, answered in answers.items():
        recorder.metrics(result.updates, probed[name])
        title = f"{experiment.title}: probe {name}"
        recorder.figure(f"probe_{name}", experiment.probes[name].draw(answered, experiment.task, title))
        scores = answered.rows(experiment.seeds)
        recorder.table(f"probe_{name}", scores if answered.table is None else answered.table)
        if len(scores):
            recorder.table(f"scores_{name}", scores)
    return probed
