"""Keys of a task that its constructor takes, though its YAML does not state them: ``task.length=6`` without a plus."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.errors import ConfigCompositionException
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from seqprobe.checks import InvalidValue, suggestion
from seqprobe.config.targets import allowed_keys, constructor_defaults, resolve_target
from seqprobe.config.trust import check_trust

NODE, FORCE = "task.", "++"


def compose_with_constructor_keys(
    compose: Callable[[list[str]], DictConfig], overrides: Sequence[str], trusted: Sequence[Path]
) -> DictConfig:
    """Compose; keys that a task's YAML lacks and its constructor has are added before the overrides apply.

    An override that states a constructor's default does not become part of the run's name, as if it had not been given.

    Args:
        compose: composes a list of overrides.
        trusted: folders of the user's, whose code may be looked into.

    Raises:
        InvalidValue: neither the YAML nor the constructor has such a key.
        ConfigCompositionException: the overrides do not fit for other reasons.
    """
    try:
        return compose(list(overrides))
    except ConfigCompositionException as problem:
        node = unknown_task_node(problem)
        if node is None:
            raise
        check_trust({"trust": "trust=true" in overrides, "task": node}, trusted)
        target = resolve_target("task", node["_target_"])
        parameters = allowed_keys(node, target)
        if parameters is None:
            raise
    keys = [*(key for key in node if not key.startswith("_")), *parameters]
    stated = {text: text.partition("=")[0].removeprefix(NODE) for text in overrides if is_plain(text)}
    for text, name in stated.items():
        if name not in keys:
            listed = dict.fromkeys(keys)
            allowed = f"unknown key; allowed here: {', '.join(listed)}{suggestion(name, listed)}"
            raise InvalidValue(f"{NODE}{name}", text.partition("=")[2], allowed)
    added = {text for text, name in stated.items() if name not in node}
    config = compose([f"{FORCE}{text}" if text in added else text for text in overrides])
    rename_overrides(config, {text: stated[text] for text in added}, constructor_defaults(target))
    return config


def forced_task_keys(overrides: Sequence[str]) -> list[str]:
    """Overrides as Hydra's own multirun takes them: it would refuse a key that a task's YAML lacks.

    What no constructor takes is refused when the jobs are composed.
    """
    return [f"{FORCE}{text}" if is_plain(text) else text for text in overrides]


def plain_task_keys(overrides: Sequence[str]) -> list[str]:
    """The inverse of `forced_task_keys`."""
    return [text.removeprefix(FORCE) if is_plain(text.removeprefix(FORCE)) else text for text in overrides]


def is_plain(override: str) -> bool:
    """Whether an override sets a key of the task itself: ``task.length=6``, not ``task.curve.phase=0``."""
    key, equals, _ = override.partition("=")
    return bool(equals) and key.startswith(NODE) and "." not in key.removeprefix(NODE)


def unknown_task_node(problem: ConfigCompositionException) -> dict[str, Any] | None:
    """The task's node, if an override of a key that it does not have is what was wrong."""
    cause = problem.__cause__
    if not isinstance(cause, ConfigAttributeError | ConfigKeyError) or not isinstance(cause.parent_node, DictConfig):
        return None
    full_key, node = str(cause.full_key), cause.parent_node
    if not full_key.startswith(NODE) or "." in full_key.removeprefix(NODE) or "_target_" not in node:
        return None
    plain = OmegaConf.to_container(node)
    return {str(key): value for key, value in plain.items()} if isinstance(plain, dict) else None


def rename_overrides(config: DictConfig, added: Mapping[str, str], default: Mapping[str, str]) -> None:
    """Let the run's name have added keys without plus signs, and none that equal their defaults.

    Args:
        added: names of parameters by the overrides that state them.
        default: the defaults of the constructor's parameters as JSON.
    """
    pieces = f" {config.hydra.job.override_dirname} "
    task: Any = OmegaConf.to_container(config.task, resolve=False)
    for text, name in added.items():
        value = json.dumps(task[name])
        pieces = pieces.replace(f" {FORCE}{text} ", " " if value == default.get(name) else f" {text} ")
    with read_write(config.hydra.job), open_dict(config.hydra.job):
        config.hydra.job.override_dirname = pieces.strip()
