"""A Hydra launcher that runs every job in a process of its own, a few at a time, with progress bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class FailedJob(JobReturn):
    """A job whose error was already printed; reading its return value raises it."""

    def __getattribute__(self, name: str) -> Any:
        if name == "return_value":
            raise super().__getattribute__("_return_value")
        return super().__getattribute__(name)


class ProcessLauncher(Launcher):
    """Composes and checks a batch of jobs as requests, then runs them: nothing trains if one of them is wrong.

    Args:
        jobs: how many run at a time.
    """

    def __init__(self, jobs: int = 2) -> None:
        self.jobs = jobs

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.config = config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from seqprobe.run.entry import config_dir_of
        from seqprobe.run.entry import job_overrides as without_sweep
        from seqprobe.run.pool import run_requests
        from seqprobe.run.request import compose_all

        requests = compose_all(
            [without_sweep(overrides) for overrides in job_overrides], config_dir_of(self.config.hydra)
        )
        return [
            JobReturn(overrides=list(overrides), status=JobStatus.COMPLETED, _return_value=result.outcome.objective)
            if result.outcome is not None
            else FailedJob(overrides=list(overrides), status=JobStatus.FAILED, _return_value=result.error)
            for overrides, result in zip(job_overrides, run_requests(requests, self.jobs), strict=True)
        ]
