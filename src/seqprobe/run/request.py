"""A request: one run, composed, checked and built once; everything after it works on these objects.

docs/architecture.md describes the way of a run, which goes on in `seqprobe.run.job`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_experiment, build_store
from seqprobe.config.compose import Composition, compose_config
from seqprobe.run.identity import RunIdentity, run_identity
from seqprobe.run.run_description import describe, run_label, train_command_here
from seqprobe.run.workspace import Workspace, check_work_folder, work_folder
from seqprobe.tracking.description import Description
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from seqprobe.learning.experiment import Experiment


@dataclass(frozen=True)
class Request:
    """A run that is composed and checked; nothing is written yet.

    Attributes:
        composition: the plain config. It alone goes to another process, which builds the request again.
        experiment: what decides the results.
        store: where they are recorded.
        identity: what they depend on, as hashes.
        workspace: the population's folder, from which an interrupted training resumes.
        description: what is recorded besides results.
    """

    composition: Composition
    experiment: Experiment
    store: Store
    identity: RunIdentity
    workspace: Workspace
    description: Description

    @property
    def name(self) -> str:
        """Task, model, preset and what else differs from the defaults."""
        names = self.composition.config["names"]
        return f"{self.experiment.task.name} · {run_label(names)}"

    @property
    def command(self) -> str:
        """The command line that runs it alone, from the working directory."""
        return train_command_here(self.composition)

    @property
    def rerun(self) -> bool:
        """Whether to train what is finished already."""
        return bool(self.composition.config["rerun"])

    @property
    def sweep(self) -> str | None:
        """The id of the sweep that it is part of."""
        sweep: str | None = self.composition.config["names"]["sweep"]
        return sweep


def compose(overrides: Sequence[str] = (), config_dir: Path | None = None) -> Request:
    """The request that a command line with these overrides makes.

    Args:
        config_dir: a folder of the user's with further config files and modules; its code is trusted.

    Raises:
        InvalidValue: something does not fit.
        HydraException, OmegaConfBaseException: the overrides do not fit the config.
    """
    return build_request(composed_config(overrides, config_dir))


def composed_config(overrides: Sequence[str], config_dir: Path | None) -> Composition:
    """The config of one run.

    Raises:
        InvalidValue: the overrides are of several runs, or one does not fit.
        HydraException, OmegaConfBaseException: the overrides do not fit the config.
    """
    for override in overrides:
        key, _, name = override.partition("=")
        if key == "sweep" and name != "null":
            raise InvalidValue("sweep", name, "needs several runs: use pipelines/sweep.py, or -m")
    return compose_config(overrides, config_dir)


def compose_all(
    override_lists: Sequence[Sequence[str]],
    config_dir: Path | None = None,
    prepare: Callable[[Sequence[Composition]], None] = lambda compositions: None,
) -> list[Request]:
    """A request for each list of overrides; an error names the list.

    Args:
        prepare: called when all are composed and none is built yet, which takes about as long.

    Raises:
        InvalidValue: something does not fit.
        HydraException, OmegaConfBaseException: overrides do not fit the config.
    """
    compositions = list[Composition]()
    for overrides in override_lists:
        with named_overrides(overrides):
            compositions.append(composed_config(overrides, config_dir))
    prepare(compositions)
    requests = list[Request]()
    for overrides, composition in zip(override_lists, compositions, strict=True):
        with named_overrides(overrides):
            requests.append(build_request(composition))
    return requests


@contextmanager
def named_overrides(overrides: Sequence[str]) -> Iterator[None]:
    """Name the overrides in an error about one of several runs."""
    try:
        yield
    except InvalidValue as problem:
        raise InvalidValue(f"{' '.join(overrides)}: {problem.key}", problem.value, problem.allowed) from problem


def build_request(composition: Composition) -> Request:
    """Build and check everything that a composition describes.

    Raises:
        InvalidValue: something does not fit.
    """
    plain, config_dir = composition.config, composition.config_dir
    experiment = build_experiment(plain, config_dir)
    store = build_store(plain, config_dir)
    identity, work = run_identity(plain), work_folder(plain)
    if store.is_remote:  # an embedded store is in the same folder, and has checked it
        check_work_folder(work)
    return Request(
        composition=composition,
        experiment=experiment,
        store=store,
        identity=identity,
        workspace=Workspace(
            work, work / f"{identity.population_hash}{store.workspace_suffix}", identity.training_hash, experiment.seeds
        ),
        description=describe(composition, experiment, identity),
    )
