"""The settings of Slurm jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.run.pools.job_pool import CANCEL, ON_INTERRUPT

SHORTEST_MINUTES = 5
"""Slurm signals the end of a job up to 150 s early: submitit asks for 90 s, and Slurm adds up to 60 (man sbatch)."""


@dataclass
class SlurmSettings:
    """What a Slurm job gets, and how many there are; conf/hydra/launcher/slurm.yaml explains the attributes.

    Raises:
        InvalidValue: one does not fit.
    """

    jobs: int | None = None
    partition: str | None = None
    minutes: int = 60
    memory_gib: float | None = None
    cpus: int = 1
    gpus: int = 0
    requests_per_job: int = 1
    at_a_time: int = 1
    requeues: int = 100
    options: Mapping[str, Any] | None = None
    setup: Sequence[str] = ()
    on_interrupt: str = CANCEL

    def __post_init__(self) -> None:
        integer("hydra.launcher.minutes", self.minutes, minimum=SHORTEST_MINUTES)
        for key in ("cpus", "requests_per_job", "at_a_time"):
            integer(f"hydra.launcher.{key}", getattr(self, key))
        for key in ("gpus", "requeues"):
            integer(f"hydra.launcher.{key}", getattr(self, key), minimum=0)
        if self.jobs is not None:
            integer("hydra.launcher.jobs", self.jobs)
        if self.memory_gib is not None and number("hydra.launcher.memory_gib", self.memory_gib) <= 0:
            raise InvalidValue("hydra.launcher.memory_gib", self.memory_gib, "must be a number > 0, or null")
        if not isinstance(self.options, Mapping | None):
            raise InvalidValue("hydra.launcher.options", self.options, "must be options of sbatch, as in {qos: short}")
        if isinstance(self.setup, str) or not all(isinstance(line, str) for line in self.setup):
            raise InvalidValue("hydra.launcher.setup", self.setup, "must be a list of lines, as in [module load cuda]")
        choice("hydra.launcher.on_interrupt", self.on_interrupt, ON_INTERRUPT)
