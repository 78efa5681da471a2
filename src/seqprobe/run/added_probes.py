"""Run further probes on a population that was trained before, from what its runs saved."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_experiment, trusted_folders
from seqprobe.config.compose import Plain
from seqprobe.config.recompose import compose_over, current_config
from seqprobe.config.trust import check_trust
from seqprobe.evaluation.evaluate import probe_drawings, probe_results, probe_scores, record_probes
from seqprobe.evaluation.summary import summary_markdown
from seqprobe.learning.archive import archived_engine, restore_result
from seqprobe.learning.data import draw_sequences
from seqprobe.learning.devices import full_float32
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import SHOWN
from seqprobe.learning.lightning_trainer import training_device
from seqprobe.learning.result import TrainResult
from seqprobe.run.identity import digest, run_identity, training_identity
from seqprobe.run.user_code import source_files
from seqprobe.scoring import MetricName, Tag
from seqprobe.tracking.adding_recorder import AddingRecorder
from seqprobe.tracking.population_run import PopulationRun
from seqprobe.tracking.recorded_scores import RecordedScores
from seqprobe.tracking.stored_runs import StoredRun

PROBE_NAME = re.compile(r"[+~]*(?:probe@)?task\.probes\.([^.=]+)")
TRUSTED = "trust=true"
"""The override with which a command trusts code outside ``--config-dir``."""
UNRELATED = ("tracking", "rerun", "trust", "threads", "engine", "names")
"""Keys of a config that do not concern what was trained; nor does the trainer's ``accelerator``."""


@dataclass(frozen=True)
class AddedProbes:
    """Probes that are to be added to a population.

    Attributes:
        base: the population's config, as this version reads it.
        config: the same with the probes.
        names: of the probes to run; excludes ``present``.
        present: names of requested probes that are there already, with the same settings.
    """

    base: Plain
    config: Plain
    names: Sequence[str]
    present: Sequence[str]


def requested_probes(
    saved: Mapping[str, Any], overrides: Sequence[str], config_dir: Path | None, rerun: bool
) -> AddedProbes:
    """The probes that overrides add to a ``saved`` config.

    Raises:
        InvalidValue: they name no probe, change something else, or one that the population has with other settings.
        HydraException, OmegaConfBaseException: they do not fit the config.
    """
    requested = list(dict.fromkeys(match[1] for text in overrides if (match := PROBE_NAME.match(text))))
    if not requested:
        raise InvalidValue("task.probes", None, "name a probe to add, such as +probe@task.probes.x=amplitude")
    base = {**current_config(saved), "trust": False}  # a store cannot state that it is trusted
    config = compose_over(base, overrides, config_dir)
    for checked in (base, config):  # before the names in them are looked up
        check_trust({**checked, "trust": config["trust"]}, trusted_folders(config_dir))
    before, after = base["task"].get("probes") or {}, config["task"].get("probes") or {}
    for key in base:
        if key not in UNRELATED and training_part(key, config[key]) != training_part(key, base[key]):
            raise InvalidValue(key, config[key], "was decided by the training: only probes can be added")
    for name in before:
        if name not in after:
            raise InvalidValue(f"~task.probes.{name}", None, "probes can be added, not removed")
        if not rerun and digest(after[name]) != digest(before[name]):
            allowed = "this population has a probe of that name with other settings: choose another name, or rerun=true"
            raise InvalidValue(f"task.probes.{name}", after[name], allowed)
    names = [name for name in requested if rerun or name not in before]
    return AddedProbes(base, config, names, [name for name in requested if name not in names])


def training_part(key: str, node: Any) -> Any:
    """What the training decided of a config's node: a task without its probes, a trainer without its accelerator."""
    left_out = {"task": "probes", "trainer": "accelerator"}.get(key)
    return node if left_out is None else {name: value for name, value in node.items() if name != left_out}


def restored_population(population: PopulationRun, experiment: Experiment) -> TrainResult:
    """A recorded population as it was when its training had ended, with its snapshots if they were saved."""
    run, task, engine = population.run, experiment.task, archived_engine(population.archives[0])
    device = training_device(experiment.trainer)
    members = experiment.build_population(population.seeds, engine).to(experiment.dtype).to(device)
    drawn = draw_sequences(task, task.val_size, [0], "val", experiment.dtype).member(0)
    try:
        return restore_result(population.archives, members, engine, drawn.head(SHOWN[task.kind]))
    except (KeyError, ValueError, RuntimeError) as problem:
        raise InvalidValue("run", run.run_id, "its weights do not fit the network of its config") from problem


def allow_recorded_code(run_id: str, code: Path, overrides: Sequence[str]) -> None:
    """Let modules that were saved with a population's models be imported, if the overrides trust them.

    Raises:
        InvalidValue: they do not say ``trust=true``.
    """
    if TRUSTED not in overrides:
        allowed = (
            f"was trained with code of its user; give the --config-dir with that code, or {TRUSTED} to run its copy"
        )
        raise InvalidValue("run", run_id, f"{allowed} in the store")
    if str(code) not in sys.path:
        sys.path.append(str(code))


def check_unchanged_files(run: StoredRun, base: Plain, experiment: Experiment) -> None:
    """Refuse a population whose task reads other data by now than in its training.

    Raises:
        InvalidValue: it does.
    """
    if experiment.task.files() and run.tags.get(Tag.TRAINING) != training_identity(base):
        raise InvalidValue("run", run.run_id, "the files that its task reads have changed since: train it again")


def build_probe_experiment(added: AddedProbes, config_dir: Path | None) -> Experiment:
    """The experiment with only the added probes."""
    probes = {name: added.config["task"]["probes"][name] for name in added.names}
    return build_experiment({**added.config, "task": {**added.config["task"], "probes": probes}}, config_dir)


@full_float32()
def add_probes(population: PopulationRun, added: AddedProbes, experiment: Experiment, recorder: AddingRecorder) -> None:
    """Run the probes, and record everything as if they had been there from the start.

    At snapshots of the training, too, where the population saved those; else only the trained networks are probed.
    What marks them as recorded, the config and the identity, comes last.
    """
    result = restored_population(population, experiment)
    results = probe_results(experiment, result)
    others = shown_metrics(population.run.metrics, added.names)
    snapshots = record_probes(experiment, result, recorder, results, others)
    recorder.record_scores(probe_scores(experiment, results))
    recorder.record_drawings([*probe_drawings(experiment, results), *snapshots])
    recorder.record_note(summary_markdown(experiment, result, results))
    recorder.flush()
    nodes = {name: added.config["task"]["probes"][name] for name in added.names}
    recorder.record_files({f"source/{place}": path.read_bytes() for place, path in source_files(nodes).items()})
    recorder.record_files({"config.yaml": config_with(population.config, nodes)})
    stated = RecordedScores.read(population.run.tags.get(Tag.SCORES, ""))
    scores = stated.with_probes({name: probe.scores for name, probe in experiment.probes.items()})
    recorder.record_tags({Tag.SCORES: scores.to_tag(), **identity_tag(population, added)})


def shown_metrics(recorded: Iterable[str], replaced: Sequence[str]) -> int:
    """How many of the ``recorded`` metrics today's runs would have, without those of ``replaced`` probes."""
    parts = (MetricName.parse(name) for name in recorded)
    shown = (part for part in parts if part.group not in ("best", "reference") and not part.value)
    return sum(part.probe not in replaced for part in shown)


def config_with(saved: Mapping[str, Any], probes: Mapping[str, Any]) -> bytes:
    """A saved config with further probes."""
    task = saved["task"]
    together = {**(task.get("probes") or {}), **probes}
    return yaml.safe_dump({**saved, "task": {**task, "probes": together}}, sort_keys=False).encode()


def identity_tag(population: PopulationRun, added: AddedProbes) -> dict[str, str]:
    """The population's identity with the probes beside the one without: a request of either finds it finished.

    Empty if its members would be trained again, as by a later version or after an edit of the user's code.
    """
    identities = population.run.tags.get(Tag.POPULATION, "").split()
    identity = run_identity(added.config)
    if not identities or identity.training_hash != population.run.tags.get(Tag.TRAINING):
        return {}
    return {Tag.POPULATION: " ".join(dict.fromkeys([*identities, identity.population_hash]))}
