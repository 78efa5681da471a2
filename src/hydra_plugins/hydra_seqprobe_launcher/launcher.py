"""A Hydra launcher that runs jobs in one of seqprobe's pools, with progress bars."""

from __future__ import annotations

from collections.abc import Sequence

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class PoolLauncher(Launcher):
    """Composes and checks a batch of jobs as requests, then runs them: nothing trains if one of them is wrong.

    Args:
        settings: the keys of the chosen file in conf/hydra/launcher, which are arguments of its pool.
    """

    def __init__(self, **settings: object) -> None:
        pass  # the composed config has them, too

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.config = config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from seqprobe.config.multirun import LauncherChoice
        from seqprobe.run.hydra_internals import completed_job, failed_job
        from seqprobe.run.hydra_runs import config_dir_of
        from seqprobe.run.hydra_runs import job_overrides as without_sweep
        from seqprobe.run.pool import run_requests
        from seqprobe.run.pools.pool_choice import make_pool
        from seqprobe.run.request import compose_all

        pool = make_pool(LauncherChoice.parse(self.config))
        requests = compose_all(
            [without_sweep(overrides) for overrides in job_overrides], config_dir_of(self.config.hydra), pool.prepare
        )
        return [
            completed_job(overrides, result.outcome.objective)
            if result.outcome is not None
            else failed_job(overrides, result.error)
            for overrides, result in zip(job_overrides, run_requests(requests, pool), strict=True)
        ]
