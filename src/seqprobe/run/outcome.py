"""How a run ended: the objective for a sweeper, and one line of text for the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqprobe.checks import printable
from seqprobe.evaluation.summary import population_outcomes, unanswered_lines
from seqprobe.learned import outcome_text
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.result import TrainResult
from seqprobe.probes import ProbeResult
from seqprobe.run.request import Request
from seqprobe.scoring import VAL_LOSS, MetricName, Score
from seqprobe.tracking.stored_runs import StoredRun

BAND_TEXTS = {
    "inside": "inside the training range",
    "beyond": "just beyond it",
    "far": "far from it",
    "": "without a training range",
}
"""The bands of probed values, in the order of their lines."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        objective: to minimise.
        summary: one line of text, without the time that it took.
        skipped: whether it was finished before.
        undelivered: the workspace with records that could not be sent, if the store was unavailable at the end.
        probed: lines with the scores of the probes, if it was trained.
        run_id: of the population's run.
        seconds: how long training, probes and figures took; 0 if it was skipped.
    """

    objective: float
    summary: str
    skipped: bool = False
    undelivered: str | None = None
    probed: Sequence[str] = ()
    run_id: str = ""
    seconds: float = 0.0

    def line(self, seconds: float | None = None) -> str:
        """The summary with the time that it took.

        Args:
            seconds: shown instead of `Outcome.seconds`.
        """
        return self.summary if self.skipped else f"{self.summary}  {seconds or self.seconds:.0f} s"


def skipped_outcome(request: Request, run: StoredRun) -> Outcome:
    """The outcome of a population that was finished before, by a parent run."""
    objective = run.metrics.get(VAL_LOSS, float("nan"))
    before = f"finished before: {printable(run.name)} ({run.run_id}); add rerun=true to train it again"
    text = f"{request.name}  {before}"
    return Outcome(objective if np.isfinite(objective) else float("inf"), text, skipped=True, run_id=run.run_id)


def trained_outcome(request: Request, result: TrainResult, seconds: float, undelivered: Path | None) -> Outcome:
    """The outcome of a population that was trained.

    Args:
        undelivered: the journal's folder, if the store was unavailable at the end.
    """
    experiment = request.experiment
    outcomes = population_outcomes(experiment.task, result)
    text = summary(request.name, experiment.task.main_score, result.scores, outcomes, result.engine)
    folder = None if undelivered is None else str(undelivered)
    return Outcome(result.objective, text, undelivered=folder, seconds=seconds)


def summary(title: str, score: Score, scores: Mapping[str, np.ndarray], outcomes: Sequence[str], engine: str) -> str:
    """One line: the name, the median of the task's main score, how many seeds solved the task, and the engine.

    Args:
        scores: the final validation scores, ``(seeds,)`` by name.
        outcomes: of the members, of `seqprobe.learned.OUTCOMES`.
    """
    values = scores[score.name]
    finite = values[np.isfinite(values)]
    if not len(finite):
        return f"{title}  all {len(values)} seeds diverged  {engine}"
    of = f"{len(finite)} of {len(values)}" if len(finite) < len(values) else str(len(values))
    counted = f"median of {of} seeds" if len(values) > 1 else "1 seed"
    text = "; ".join(filter(None, [counted, outcome_text(outcomes)]))
    return f"{title}  {MetricName('val', score.name)} {np.median(finite):.3g} ({text})  {engine}"


def probe_lines(experiment: Experiment, probed: Mapping[str, ProbeResult]) -> list[str]:
    """A line for each band of probed values: the median over finite members of every probe's main score there.

    Args:
        probed: what the probes measured, by name.
    """
    texts: dict[str, list[str]] = {band: [] for band in BAND_TEXTS}
    for name, result in probed.items():
        for metric, values in result.main_metrics(name, experiment.probes[name].scores).items():
            band, measure = MetricName.parse(metric).band, MetricName.parse(metric).measure
            finite = values[np.isfinite(values)]
            if len(finite):
                texts[band].append(f"{name} {np.median(finite):.3g}{'' if measure == 'rmse' else f' {measure}'}")
    lines = [f"  probes {BAND_TEXTS[band]}: {', '.join(shown)}" for band, shown in texts.items() if shown]
    return [*lines, *(f"  {line}" for line in unanswered_lines(probed))]
