"""The choice of hydra/launcher decides where jobs run, for sweeps and for reproductions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from seqprobe.checks import InvalidValue
from seqprobe.commands.reproduction_plan import chosen_launcher
from seqprobe.config.multirun import LAUNCHERS, expand_multirun
from seqprobe.failure import JobFailed
from seqprobe.run.pools.job_pool import import_extra
from seqprobe.run.pools.pool_choice import POOLS, make_pool
from seqprobe.run.pools.process_pool import ProcessPool
from seqprobe.run.pools.ray_pool import RayPool
from seqprobe.run.pools.slurm_pool import SlurmPool


@pytest.mark.parametrize(
    ("overrides", "kind", "jobs"),
    [
        ([], ProcessPool, 2),
        (["hydra.launcher.jobs=3"], ProcessPool, 3),
        (["hydra/launcher=ray"], RayPool, None),
        (["hydra/launcher=slurm", "hydra.launcher.jobs=40"], SlurmPool, 40),
    ],
)
def test_a_launchers_keys_are_those_of_its_pool(overrides: list[str], kind: type, jobs: int | None) -> None:
    launcher = expand_multirun(["task=sine", *overrides]).launcher
    pool: Any = make_pool(launcher)
    assert type(pool) is kind
    assert pool.jobs == jobs
    assert list(POOLS) == list(LAUNCHERS)


@pytest.mark.parametrize(("name", "kind"), [("ray", RayPool), ("slurm", SlurmPool)])
def test_a_launchers_file_states_every_default(name: str, kind: Any) -> None:
    defaults = {key: list(value) if value == () else value for key, value in asdict(kind()).items()}
    assert expand_multirun(["task=sine", f"hydra/launcher={name}"]).launcher.settings == defaults


def test_options_of_sbatch_are_chosen_as_the_docs_show() -> None:
    launcher = expand_multirun(["hydra/launcher=slurm", "hydra.launcher.options={qos: short, account: me}"]).launcher
    assert launcher.settings["options"] == {"qos": "short", "account": "me"}


def test_a_reproduction_takes_the_launcher_and_its_own_number_of_jobs() -> None:
    assert chosen_launcher([], None, None).settings == {"jobs": 2, "on_interrupt": "cancel"}
    assert chosen_launcher([], None, 5).settings == {"jobs": 5, "on_interrupt": "cancel"}
    ray = chosen_launcher(["hydra/launcher=ray", "hydra.launcher.gpus=0.25"], None, None)
    assert (ray.name, ray.settings["gpus"], ray.settings["jobs"]) == ("ray", 0.25, None)
    with pytest.raises(InvalidValue, match=r"^hydra/launcher=basic: "):
        chosen_launcher(["hydra/launcher=basic"], None, None)


@pytest.mark.parametrize(
    ("pool", "key", "value", "allowed"),
    [
        (RayPool, "jobs", 0, "must be an integer >= 1"),
        (RayPool, "retries", -1, "must be an integer >= 0"),
        (RayPool, "cpus", -0.5, "must be a number >= 0"),
        (RayPool, "gpus", "all", "must be a finite number"),
        (RayPool, "on_interrupt", "stop", "cancel, detach"),
        (SlurmPool, "jobs", 0, "must be an integer >= 1"),
        (SlurmPool, "minutes", 4, "must be an integer >= 5"),
        (SlurmPool, "gpus", -1, "must be an integer >= 0"),
        (SlurmPool, "memory_gib", 0, "must be a number > 0, or null"),
        (SlurmPool, "on_interrupt", "stop", "cancel, detach"),
        (SlurmPool, "options", "qos", "must be options of sbatch, as in {qos: short}"),
        (SlurmPool, "setup", "module load cuda", "must be a list of lines, as in [module load cuda]"),
    ],
)
def test_a_wrong_setting_is_named(pool: Any, key: str, value: Any, allowed: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        pool(**{key: value})
    assert refused.value.key == f"hydra.launcher.{key}"
    assert allowed in str(refused.value)


def test_an_extra_that_is_not_installed_is_named() -> None:
    with pytest.raises(JobFailed, match=r"^hydra/launcher=ray needs no_such_ray: make setup-ray, or pip install "):
        import_extra("no_such_ray", "hydra/launcher=ray", "ray")
