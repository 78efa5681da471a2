"""Train and evaluate in one call, as a job does."""

from __future__ import annotations

from seqprobe.evaluation.evaluate import evaluate
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import Recorder
from seqprobe.learning.result import TrainResult


def train(experiment: Experiment, recorder: Recorder) -> TrainResult:
    """Train a population, then evaluate it."""
    result = fit(experiment, recorder)
    evaluate(experiment, result, recorder)
    return result
