"""What is recorded of a request besides results: names, flat params, tags, and what it takes to rebuild a member."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import yaml

from seqprobe.config.compose import Composition, Plain
from seqprobe.learning.experiment import Experiment
from seqprobe.reports.variant_names import short_overrides
from seqprobe.run.command_lines import command_here
from seqprobe.run.experiment_description import experiment_text, experiment_view
from seqprobe.run.identity import RunIdentity
from seqprobe.run.user_code import source_files
from seqprobe.scoring import Tag
from seqprobe.tracking.description import Description
from seqprobe.tracking.recorded_scores import RecordedScores

DATA_FILES = "data_files.yaml"
"""The artifact with the names and content hashes of the files that a task reads."""

NAME_TAGS = {"sweep": Tag.SWEEP, "trial": Tag.TRIAL, "tuned": Tag.TUNED}
"""The tags of names that not every run has; configs of earlier versions lack some."""


def describe(composition: Composition, experiment: Experiment, identity: RunIdentity) -> Description:
    """The description of a population."""
    plain, task = composition.config, experiment.task
    names = plain["names"]
    sizes = {
        "input_size": task.input_size,
        "output_size": task.output_size,
        "kind": task.kind,
        "max_length": task.max_length,
    }
    return Description(
        experiment=f"{task.name} tuning" if names.get("trial") else task.name,
        name=run_label(names),
        seeds=experiment.seeds,
        params=flat_params(plain),
        tags={
            Tag.SCORES: recorded_scores(experiment).to_tag(),
            Tag.TRAINING: identity.training_hash,
            Tag.POPULATION: identity.population_hash,
            **({Tag.COMMAND: train_command(composition)} if composition.overrides else {}),
            **{tag: names[key] for key, tag in NAME_TAGS.items() if names.get(key)},
        },
        texts={
            "config.yaml": yaml.safe_dump(plain, sort_keys=False),
            **({DATA_FILES: yaml.safe_dump([list(pair) for pair in identity.files])} if identity.files else {}),
        },
        network={
            "model": plain["model"],
            "sizes": sizes,
            "outputs": list(task.output_names),
            **({} if task.scaling() is None else {"normalised": True}),
            **({"columns": columns} if (columns := task.frame_columns()) else {}),
        },
        modules=source_files(plain),
        loader="seqprobe.run.serving",
        experiment_text=experiment_text(names["task"], task),
        experiment_view=experiment_view(experiment),
    )


def run_label(names: Mapping[str, str | None]) -> str:
    """Model, preset and what else differs from the defaults: ``lstm · post2/remember · lag=20, forget_bias=3``."""
    return " · ".join(filter(None, [names["model"], names["preset"], short_overrides(names["overrides"] or "")]))


def recorded_scores(experiment: Experiment) -> RecordedScores:
    """What an experiment's task and probes state of their scores."""
    probes = {name: probe.scores for name, probe in experiment.probes.items()}
    return RecordedScores([experiment.task.main_score], probes, sorted(probes))


def train_command(composition: Composition) -> str:
    """The command line that trains a population alone, as it is recorded."""
    return shlex.join(["python", "pipelines/train.py", *train_arguments(composition)])


def train_command_here(composition: Composition) -> str:
    """The command line that trains a population alone, for the shell in which the current command was called."""
    return command_here("train", *train_arguments(composition))


def train_arguments(composition: Composition) -> list[str]:
    """What pipelines/train.py is called with to train a population alone."""
    options = [] if composition.config_dir is None else ["--config-dir", str(composition.config_dir)]
    overrides = [
        override for override in composition.overrides if not override.startswith(("names.", "hydra.", "hydra/"))
    ]
    return [*options, *overrides]


def flat_params(plain: Plain) -> Plain:
    """What people group and compare runs by: names, and the plain settings of model, optimizer, trainer and task."""
    names, optimizer = plain["names"], plain["optimizer"]
    model = {key: value for key, value in plain["model"].items() if is_scalar(key, value)}
    shared = {"optimizer": optimizer["_target_"].rpartition(".")[2], "gradient_clip": plain["trainer"]["gradient_clip"]}
    shared |= {key: value for key, value in optimizer.items() if is_scalar(key, value)}
    for group in ("scheduler", "loss"):
        node = plain.get(group) or {}  # the benchmark's config has neither
        shared |= {group: node["_target_"].rpartition(".")[2]} if node else {}
        shared |= {f"{group}_{key}": value for key, value in node.items() if is_scalar(key, value)}
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
