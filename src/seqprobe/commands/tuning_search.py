"""The trials of a tuning: batch by batch and rung by rung, of all models together, by the pool of processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np

from seqprobe.commands.tuning_options import TuningOptions
from seqprobe.commands.tuning_plan import TunedModel
from seqprobe.failure import JobFailed
from seqprobe.learned import DIVERGED
from seqprobe.run.halving import surviving_trials
from seqprobe.run.messages import undelivered_message
from seqprobe.run.pool import JobResult
from seqprobe.run.request import Request
from seqprobe.run.study import Trial, TuningStudy, Values, locked_study
from seqprobe.scoring import VAL_LOSS, Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.store import Store

RunAll = Callable[[Sequence[Request]], Sequence[JobResult]]
"""Runs requests, a few at a time."""


@dataclass
class OpenTrial:
    """A trial of the current batch: its losses so far, and whether it is still in the running."""

    model: TunedModel
    number: int
    values: Values
    losses: list[float] = field(default_factory=list)
    is_running: bool = True

    @property
    def result(self) -> Trial:
        """What it came to."""
        return Trial(self.values, self.losses, len(self.losses) == len(self.model.rungs))


def search_settings(models: Sequence[TunedModel], options: TuningOptions, run_all: RunAll) -> list[list[Trial]]:
    """The trials of each model, those of earlier calls among them.

    Raises:
        JobFailed: trainings failed, or another process is running this tuning.
    """
    with ExitStack() as locks:
        for model in models:
            locks.enter_context(locked_study(model.study_path))
        studies = [
            TuningStudy(model.study_path, model.space, options.sampler_seed, options.batch, print) for model in models
        ]
        for first in range(0, options.trials, options.batch):
            last = min(first + options.batch, options.trials)
            batches = [
                (
                    study,
                    [
                        OpenTrial(model, first + place, values)
                        for place, values in enumerate(study.suggest(first, last))
                    ],
                )
                for model, study in zip(models, studies, strict=True)
                if len(study.trials) < last
            ]
            climb_rungs([batch for _, batch in batches], f"Trials {first + 1} to {last} of {options.trials}", run_all)
            for study, batch in batches:
                for trial in batch[len(study.trials) - first :]:
                    study.record(trial.result)
        return [study.trials[: options.trials] for study in studies]


def climb_rungs(batches: Sequence[Sequence[OpenTrial]], words: str, run_all: RunAll) -> None:
    """Train the trials of every model's batch on one rung after the other, and prune them between.

    Args:
        words: which trials they are.
    """
    last = max((len(batch[0].model.rungs) for batch in batches), default=0) - 1
    for place in range(last + 1):
        running = [trial for batch in batches for trial in batch if trial.is_running and place < len(trial.model.rungs)]
        if not running:
            return
        print(f"{words}, rung {place + 1} of {last + 1}: {len(running)} trainings")
        requests = [
            trial.model.trial_request(trial.number, trial.values, trial.model.rungs[place]) for trial in running
        ]
        for trial, loss in zip(running, trained_losses(requests, run_all), strict=True):
            trial.losses.append(loss)
        for batch in batches:
            prune([trial for trial in batch if trial.is_running])


def prune(trials: Sequence[OpenTrial]) -> None:
    """Stop the worse of one model's trials."""
    if trials:
        losses = [trial.losses[-1] for trial in trials]
        surviving = surviving_trials(losses, trials[0].model.options.reduction)
        for place, trial in enumerate(trials):
            trial.is_running = place in surviving


def trained_losses(requests: Sequence[Request], run_all: RunAll) -> list[float]:
    """Train requests; the median validation loss of each.

    Raises:
        JobFailed: some failed, or could not be recorded.
    """
    results = run_all(requests)
    check_results(requests, results)
    return [
        median_loss(request.store, result.outcome.run_id)
        for request, result in zip(requests, results, strict=True)
        if result.outcome
    ]


def check_results(requests: Sequence[Request], results: Sequence[JobResult]) -> None:
    """Refuse to go on without some results.

    Raises:
        JobFailed: some trainings failed, or could not be recorded.
    """
    undelivered = [result.outcome.undelivered for result in results if result.outcome and result.outcome.undelivered]
    if undelivered:
        raise JobFailed(undelivered_message(undelivered, requests[0].composition.config["tracking"]))
    failed = [request.name for request, result in zip(requests, results, strict=True) if result.error is not None]
    if failed:
        count = f"{len(failed)} of {len(results)} trainings failed"
        raise JobFailed(f"{count}, the first is {failed[0]}; run the same command again to repeat them")


def median_loss(store: Store, population: str) -> float:
    """The median over a population's seeds of the validation loss, that of a diverged one being infinite."""
    return float(np.median(list(final_losses(store, population).values())))


def final_losses(store: Store, population: str) -> dict[int, float]:
    """By seed, the validation loss of the last weights; infinite if the seed diverged."""
    members = store.search(RunFilter("seed", tags={Tag.PARENT: population}))
    losses = {
        int(run.params["seed"]): np.inf if run.tags.get(Tag.OUTCOME) == DIVERGED else run.metrics.get(VAL_LOSS, np.inf)
        for run in members
    }
    return {seed: float(loss) if np.isfinite(loss) else float("inf") for seed, loss in losses.items()}
