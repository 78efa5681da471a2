"""Load the networks of a run: `seqprobe.load`."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from seqprobe.checks import InvalidValue
from seqprobe.commands.api import open_store
from seqprobe.commands.network_probe import NetworkProbe
from seqprobe.commands.networks import Networks, NetworkShape, Weights
from seqprobe.commands.probe_run import RUN_ID
from seqprobe.config.build import build_experiment
from seqprobe.config.recompose import current_config
from seqprobe.learning.archive import archived_engine, archived_weights, restore_weights
from seqprobe.models.engines import ENGINES
from seqprobe.models.ragged_inputs import FrameColumns
from seqprobe.run.added_probes import TRUSTED, allow_recorded_code
from seqprobe.run.serving import MEMBER, Member
from seqprobe.tasks import Task
from seqprobe.tracking.population_run import PopulationRun, member_parent, population_run, recorded_code, run_id_named
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from seqprobe.commands.training_result import Result

RUN = "must be a run's id or name, a Result, or the folder of a saved model"
_recorded_code = ExitStack()
"""Folders of modules that models brought along: what they define may import more of them until the process ends."""
atexit.register(_recorded_code.close)


def load(
    run: str | Path | Result,
    store: str | Path | None = None,
    weights: Weights = "last",
    config_dir: str | Path | None = None,
    trust: bool = False,
) -> Networks:
    """The trained networks of a population.

    Args:
        run: the id of a population's run or of one seed's; the name of a population's run, or a part of it that no
            other has; a `Result`; or a folder with a saved model, as ``mlflow artifacts download`` makes it.
        store: a folder with an embedded store, or a server's address; None: the store of `make sweep`.
        weights: ``"last"``, ``"best"`` (at the lowest validation loss), or the update of a snapshot.
        config_dir: the user's folder with the code that the population was trained with.
        trust: whether to run the copy of that code which the store has, instead.

    Raises:
        InvalidValue: there is no such run, or it is not finished; the code is missing; no such weights were saved.
    """
    folder = None if config_dir is None else Path(config_dir).resolve()
    if not isinstance(run, str | Path):
        if not hasattr(run, "load"):
            raise InvalidValue("run", run, RUN)
        return run.load(weights)
    if not str(run):
        raise InvalidValue("run", run, RUN)
    if (Path(run) / "MLmodel").is_file():
        return saved_networks(Path(run)).at(weights)
    opened = open_store(store)
    run_id = str(run) if RUN_ID.fullmatch(str(run)) else run_id_named(opened, str(run), "run")
    return load_run(opened, run_id, weights, folder, trust)


def load_run(store: Store, run_id: str, weights: Weights, config_dir: Path | None, trust: bool) -> Networks:
    """The networks of a run in a store, by its id."""
    parent, seed = member_parent(store, run_id) or (run_id, None)
    population = population_run(store, parent)
    code = _recorded_code.enter_context(recorded_code(store, population.member_ids[0]))
    if config_dir is None and code is not None:
        allow_recorded_code(run_id, code, [TRUSTED] if trust else [])
    networks = restored_networks(population, config_dir, trust).at(weights)
    return networks if seed is None else networks[seed].networks


def restored_networks(population: PopulationRun, config_dir: Path | None, trust: bool) -> Networks:
    """A recorded population's networks with their last weights.

    Raises:
        InvalidValue: its weights do not fit the network of its config.
    """
    config = {**current_config(population.config), "trust": trust, "seeds": list(population.seeds)}
    experiment = build_experiment(config, config_dir)
    engine, task = archived_engine(population.archives[0]), experiment.task
    members = experiment.build_population(population.seeds, engine).to(experiment.dtype)
    try:
        restore_weights(population.archives, members)
        saved = archived_weights(population.archives)
    except (KeyError, ValueError, RuntimeError) as problem:
        raise InvalidValue(
            "run", population.run.run_id, "its weights do not fit the network of its config"
        ) from problem
    return Networks(
        name=population.run.name,
        seeds=population.seeds,
        run_ids=population.member_ids,
        weights="last",
        shape=NetworkShape(experiment.build_network, engine, task.input_size, task.output_names, frame_columns(task)),
        population=members.eval(),
        saved=saved,
        prober=NetworkProbe(config, experiment, config_dir),
    )


def frame_columns(task: Task) -> FrameColumns:
    """What networks of a task know of frames."""
    return FrameColumns(**(task.frame_columns() or {}))


def saved_networks(folder: Path) -> Networks:
    """The network in a saved model's folder, as ``mlflow.pyfunc.load_model`` takes it.

    Raises:
        InvalidValue: its settings name code that is not trusted, or do not fit.
    """
    member = Member(folder / MEMBER)
    member.network.load_state_dict(member.weights["last"])
    population = ENGINES["looped"]([member.network])
    rows = {name: population.row([state[key] for key in population.layout]) for name, state in member.weights.items()}
    return Networks(
        name=str(folder),
        seeds=[member.seed],
        run_ids=[],
        weights="last",
        shape=NetworkShape(member.build, "looped", member.input_size, member.output_names, member.columns),
        population=population.eval(),
        saved={name: row.unsqueeze(0).numpy() for name, row in rows.items()},
    )
