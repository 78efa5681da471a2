"""What pipelines/probe.py does: run further probes on a population that was trained before."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RUN_ID = re.compile(r"[0-9a-f]{32}")


def probe_run(overrides: Sequence[str], config_dir: Path | None = None, name: str | None = None) -> None:
    """Run the probes that ``overrides`` add on the population of ``run=<run id>``, or the one called ``name``.

    Their scores, figures and tables join the population's runs as if they had been there from the start. Curves of
    *when* generalisation appears need the weights at snapshots of the training; a population that has not saved them
    is probed as it is after training alone.

    Raises:
        InvalidValue: there is no such population, or the overrides do not fit it; nothing is written.
        JobFailed: the store was unavailable at the end.
    """
    from filelock import FileLock

    from seqprobe.config.build import build_store
    from seqprobe.config.compose import compose_config
    from seqprobe.run.member_locks import FOLDER
    from seqprobe.run.workspace import work_folder

    rerun = stated_rerun(overrides)
    about_store = [text for text in overrides if text.lstrip("+~").startswith(("tracking", "trust="))]
    config = compose_config(about_store, config_dir, "store").config
    store = build_store(config, config_dir)
    check_has_runs(store)
    run_id = chosen_run(store, overrides, name)
    others = [
        text for text in overrides if text not in about_store and not text.lstrip("+").startswith(("run=", "rerun="))
    ]
    locks = work_folder(config) / FOLDER
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"probe-{run_id}.lock"):
        add_to_population(store, run_id, [*others, f"trust={str(config['trust']).lower()}"], config_dir, rerun)


def check_has_runs(store: Any) -> None:
    """Refuse an embedded store that does not exist, before opening it makes one.

    Raises:
        InvalidValue: it does not.
    """
    from seqprobe.checks import InvalidValue
    from seqprobe.tracking.stores.embedded import EmbeddedStore

    if isinstance(store, EmbeddedStore) and not store.database.exists():
        raise InvalidValue("tracking.dir", store.folder, "has no runs")


def stated_rerun(overrides: Sequence[str]) -> bool:
    """What the last ``rerun=`` among the overrides states, in any spelling that a config takes; False without one.

    Raises:
        InvalidValue: it is neither true nor false.
    """
    from seqprobe.config.schema import boolean

    rerun = False
    for text in overrides:
        key, _, value = text.lstrip("+").partition("=")
        if key == "rerun":
            rerun = boolean(key, value)
    return rerun


def chosen_run(store: Any, overrides: Sequence[str], name: str | None) -> str:
    """The id of the run that ``run=`` or ``--name`` chooses.

    Raises:
        InvalidValue: neither or both are given, or the name is not unique.
    """
    from seqprobe.checks import InvalidValue
    from seqprobe.tracking.population_run import run_id_named

    stated = [text.partition("=")[2] for text in overrides if text.startswith("run=")]
    if len(stated) + (name is not None) != 1:
        raise InvalidValue(
            "run", stated[-1] if stated else None, "choose one population: run=<run id> or --name <name>"
        )
    if name is not None:
        return run_id_named(store, name)
    if not RUN_ID.fullmatch(stated[0]):  # it becomes part of a file's name
        raise InvalidValue(
            "run", stated[0], "must be a run's id, as the MLflow UI shows it: 32 digits and letters a … f"
        )
    return stated[0]


def add_to_population(store: Any, run_id: str, overrides: Sequence[str], config_dir: Path | None, rerun: bool) -> None:
    """Run the requested probes and record them; the population is locked."""
    import time

    from seqprobe.failure import JobFailed
    from seqprobe.run.added_probes import (
        add_probes,
        allow_recorded_code,
        build_probe_experiment,
        check_unchanged_files,
        requested_probes,
    )
    from seqprobe.run.tuning import configure_process
    from seqprobe.tracking.adding_recorder import AddingRecorder
    from seqprobe.tracking.population_run import population_run, recorded_code

    population = population_run(store, run_id)
    with recorded_code(store, population.member_ids[0]) as code:
        if config_dir is None and code is not None:
            allow_recorded_code(run_id, code, overrides)
        added = requested_probes(population.config, overrides, config_dir, rerun)
        for present in added.present:
            print(f"{population.run.name} has the probe {present} already; rerun=true runs it again")
        if not added.names:
            return
        configure_process(added.config["threads"])
        experiment = build_probe_experiment(added, config_dir)
        check_unchanged_files(population.run, added.base, experiment)
        # A rerun's values are newer than those that they replace; else the runs look as if nothing came later.
        timestamp = int(time.time() * 1000) if rerun else population.run.ended or population.run.started
        recorder = AddingRecorder(store, population, timestamp, lambda text: print(text, file=sys.stderr))
        add_probes(population, added, experiment, recorder)
    if not recorder.is_delivered():
        raise JobFailed(f"{store.uri} does not answer; run the same command once it does")
    print(f"{experiment.title}: probes {', '.join(added.names)} of {len(population.seeds)} seeds are in run {run_id}")


def split_name(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """The arguments without ``--name <name>``, which Hydra does not know, and the name."""
    others, name, waiting = list[str](), None, False
    for argument in arguments:
        if waiting:
            name, waiting = argument, False
        elif argument == "--name":
            waiting = True
        elif argument.startswith("--name="):
            name = argument.partition("=")[2]
        else:
            others.append(argument)
    return others, "" if waiting else name
