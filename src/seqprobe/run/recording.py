"""What is recorded of a composed config: names, flat params, and what it takes to rebuild a member."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from seqprobe.config import trust
from seqprobe.config.plain import Plain
from seqprobe.learning.checkpoint import Notice
from seqprobe.learning.experiment import Experiment
from seqprobe.run.experiment_description import about
from seqprobe.run.identity import cell_identity, training_identity
from seqprobe.scoring import Tag
from seqprobe.tracking.description import Description
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.stores.store import Store


def build_recorder(
    plain: Plain,
    experiment: Experiment,
    store: Store,
    journal: Journal | None = None,
    members: Mapping[int, Mapping[str, str]] | None = None,
    notice: Notice = lambda words: None,
) -> MLflowRecorder:
    """The recorder of one population.

    Args:
        journal: where it keeps what it is told; None: nowhere that outlives it.
        members: further tags of members' runs, by seed.
        notice: told what people should read.
    """
    names, task = plain["names"], experiment.task
    sizes = {
        "input_size": task.input_size,
        "output_size": task.output_size,
        "kind": task.kind,
        "max_length": task.max_length,
    }
    model = names["model"] if names["preset"] is None else f"{names['model']} · {names['preset']}"
    description = Description(
        experiment=task.name,
        name=model,
        seeds=experiment.seeds,
        params=flat_params(plain),
        tags={
            Tag.TRAINING: training_identity(plain),
            Tag.CELL: cell_identity(plain),
            **({Tag.COMMAND: command(names["command"])} if names.get("command") else {}),
            **({Tag.SWEEP: names["sweep"]} if names["sweep"] else {}),
        },
        members=members or {},
        texts={"config.yaml": yaml.safe_dump(plain, sort_keys=False)},
        network={"model": plain["model"], "sizes": sizes},
        modules=user_modules(plain),
        loader="seqprobe.run.serving",
        about=about(names["task"], experiment.task),
    )
    return MLflowRecorder(store, description, journal, notice)


def command(overrides: Sequence[str]) -> str:
    """The command line that trains a population alone."""
    given = [f"--config-dir {folder}" for folder in trust.folders[-1:]]
    own = [override for override in overrides if not override.startswith("names.")]
    quoted = [f"'{override}'" if set(override) & set("[]{}()$~ ") else override for override in own]
    return " ".join(["python pipelines/train.py", *given, *quoted])


def user_modules(node: Any) -> list[Path]:
    """Source files of the modules outside installed packages that the ``_target_``s in a config name."""
    if isinstance(node, dict):
        target = str(node.get("_target_", ""))
        found = [path for value in node.values() for path in user_modules(value)]
        module = sys.modules.get(target.rpartition(".")[0])
        path = Path(getattr(module, "__file__", None) or "")
        installed = target.startswith("seqprobe.") or "site-packages" in path.parts
        return sorted({*found, *([] if installed or not path.is_file() else [path])})
    if isinstance(node, list):
        return sorted({path for value in node for path in user_modules(value)})
    return []


def flat_params(plain: Plain) -> Plain:
    """What people group and compare runs by: names, and the plain settings of model, optimizer, trainer and task."""
    names, optimizer = plain["names"], plain["optimizer"]
    model = {key: value for key, value in plain["model"].items() if is_scalar(key, value)}
    shared = {"optimizer": optimizer["_target_"].rpartition(".")[2], "gradient_clip": plain["trainer"]["gradient_clip"]}
    shared |= {key: value for key, value in optimizer.items() if is_scalar(key, value)}
    sizes = {key: plain["task"][key] for key in ("batch_size", "train_size") if key in plain["task"]}
    steps = {"max_steps": plain["trainer"]["max_steps"], "precision": plain["trainer"]["precision"]}
    return {
        **model,
        **shared,
        **sizes,
        **steps,
        "task": names["task"],
        "model": names["model"],
        "preset": names["preset"],
        "overrides": names["overrides"] or None,
    }


def is_scalar(key: str, value: Any) -> bool:
    """True for settings that fit into one MLflow param."""
    return not key.startswith("_") and isinstance(value, str | int | float)
