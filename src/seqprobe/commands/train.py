"""What pipelines/train.py does: compose one request and run it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def train(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Train, probe and record a population; the median over seeds of val/loss, for a sweeper to minimise.

    Raises:
        InvalidValue: the overrides do not fit; nothing is written.
        JobFailed: the store was unavailable at the end.
    """
    # Imported here: --help and --cfg do not wait for torch and MLflow.
    from seqprobe.failure import JobFailed
    from seqprobe.run.job import run_job
    from seqprobe.run.messages import undelivered_message
    from seqprobe.run.progress import progress_bar
    from seqprobe.run.recovery import recover
    from seqprobe.run.request import compose

    request = compose(overrides, config_dir)
    with progress_bar(request.experiment.title, request.experiment.trainer.max_steps) as (progress, notice):
        recover(request.store, request.workspace.work, notice)
        outcome = run_job(request, progress, notice)
    print(outcome.summary)
    if outcome.undelivered is not None:
        raise JobFailed(undelivered_message([outcome.undelivered], request.composition.config["tracking"]))
    return outcome.objective
