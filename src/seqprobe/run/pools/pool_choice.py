"""The pool that a launcher's config chooses."""

from __future__ import annotations

import pkgutil
from typing import Any

from seqprobe.config.multirun import LauncherChoice
from seqprobe.run.pools.job_pool import Pool

POOLS = {
    "processes": "seqprobe.run.pools.process_pool:ProcessPool",
    "ray": "seqprobe.run.pools.ray_pool:RayPool",
    "slurm": "seqprobe.run.pools.slurm_pool:SlurmPool",
}
"""The class of each choice of hydra/launcher; its arguments are the keys of the launcher's config."""


def make_pool(launcher: LauncherChoice) -> Pool:
    """The pool of a choice of ``hydra/launcher``; nothing is started yet.

    Raises:
        InvalidValue: a setting does not fit.
        JobFailed: it needs a package that is not installed.
    """
    pool: Any = pkgutil.resolve_name(POOLS[launcher.name])(**launcher.settings)
    made: Pool = pool
    return made
