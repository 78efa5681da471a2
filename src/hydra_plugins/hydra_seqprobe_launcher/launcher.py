"""A Hydra launcher that runs every job in a process of its own, a few at a time, with progress bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict


class FailedJob(JobReturn):
    """A job whose error was already shown; asking for its value raises it."""

    def __getattribute__(self, name: str) -> Any:
        if name == "return_value":
            raise super().__getattribute__("_return_value")
        return super().__getattribute__(name)


class ProcessLauncher(Launcher):
    """Composes and checks all jobs first, so that nothing trains when one of them is wrong.

    Args:
        jobs: how many run at a time.
    """

    def __init__(self, jobs: int = 2) -> None:
        self.jobs = jobs

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.context, self.config = hydra_context, config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from seqprobe.run import pool as processes
        from seqprobe.run.pool import Job, run_jobs

        composed = [self._compose(initial_job_idx + i, list(o)) for i, o in enumerate(job_overrides)]
        jobs = [Job(list(o), plain, self.jobs) for o, plain in zip(job_overrides, composed, strict=True)]
        if processes.waiting_jobs is not None:
            processes.waiting_jobs += jobs
            return [JobReturn(overrides=job.overrides, status=JobStatus.COMPLETED) for job in jobs]
        return [
            JobReturn(overrides=job.overrides, status=JobStatus.COMPLETED, _return_value=done.outcome.objective)
            if done.outcome is not None
            else FailedJob(overrides=job.overrides, status=JobStatus.FAILED, _return_value=done.error)
            for job, done in zip(jobs, run_jobs(jobs, self.jobs), strict=True)
        ]

    def _compose(self, index: int, overrides: list[str]) -> dict[str, Any]:
        """One job's resolved config as plain containers: editing a YAML later changes nothing in it."""
        config = self.context.config_loader.load_sweep_config(self.config, overrides)
        with open_dict(config):
            config.hydra.job.id = config.hydra.job.num = index
        HydraConfig.instance().set_config(config)
        with open_dict(config):
            del config["hydra"]
        from seqprobe.config.plain import resolved

        return resolved(config)
