"""Submit requests to Slurm as arrays of jobs, by submitit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from seqprobe.checks import single_line
from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.pools.job_pool import import_extra
from seqprobe.run.pools.message_file import MessageFile
from seqprobe.run.pools.remote_place import RemotePlace
from seqprobe.run.pools.slurm_jobs import SubmittedJob
from seqprobe.run.pools.slurm_queue import call_slurm
from seqprobe.run.pools.slurm_settings import SlurmSettings
from seqprobe.run.pools.slurm_task import SlurmTask
from seqprobe.run.sweep_name import sweep_id

LARGEST_ARRAY = 1000
"""Jobs in an array; Slurm's default limit is 1001 (MaxArraySize)."""


def submit(settings: SlurmSettings, jobs: Mapping[str, Composition], folder: Path) -> Iterator[SubmittedJob]:
    """Submit jobs, by name, as few arrays of Slurm jobs.

    Args:
        folder: of everything about Slurm jobs; it must be shared with the machines on which they run.

    Raises:
        JobFailed: Slurm or submitit is not installed, or Slurm refuses.
    """
    if not jobs:
        return
    call_slurm(["sbatch", "--version"])
    submitit = import_extra("submitit", "hydra/launcher=slurm", "slurm")
    logs = folder / sweep_id()
    logs.mkdir(parents=True, exist_ok=True)
    place = RemotePlace.of_command(next(iter(jobs.values())))
    tasks = [
        SlurmTask(dict(part), settings.at_a_time, logs / f"{index}.messages", place)
        for index, part in enumerate(parts(list(jobs.items()), settings.requests_per_job))
    ]
    for array in parts(tasks, LARGEST_ARRAY):
        executor = submitit.SlurmExecutor(logs, max_num_timeout=settings.requeues)
        executor.update_parameters(**sbatch_parameters(settings))
        try:
            # submitit submits an array at the end of its block, and prints a refusal besides
            with redirect_stderr(StringIO()), executor.batch():
                submitted = [executor.submit(task) for task in array]
        except Exception as problem:
            raise JobFailed(f"hydra/launcher=slurm: Slurm refuses the jobs: {single_line(problem)}") from problem
        for task, job in zip(array, submitted, strict=True):
            yield SubmittedJob(job.job_id, folder / "jobs", MessageFile(task.messages), set(task.jobs), list(task.jobs))


def sbatch_parameters(settings: SlurmSettings) -> dict[str, Any]:
    """What submitit writes into the batch script."""
    optional = {
        "partition": settings.partition,
        "gpus_per_node": settings.gpus or None,
        "mem": None if settings.memory_gib is None else f"{round(settings.memory_gib * 1024)}M",
        "array_parallelism": settings.jobs,
        "setup": list(settings.setup) or None,
    }
    return {
        "job_name": "seqprobe",
        "time": settings.minutes,
        "cpus_per_task": settings.cpus,
        "srun_args": [f"--cpus-per-task={settings.cpus}"],  # srun takes it from the job in some versions only
        "stderr_to_stdout": True,
        "additional_parameters": {"requeue": True, **(settings.options or {})},
        **{key: value for key, value in optional.items() if value is not None},
    }


def parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Items in lists of a size; the last one may be shorter."""
    return (items[start : start + size] for start in range(0, len(items), size))
