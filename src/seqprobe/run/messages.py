"""Error messages: the key, the value and what is allowed, in one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    ValidationError,
)

from seqprobe.checks import InvalidValue, one_of, single_line, suggestion
from seqprobe.config.choices import NOTEBOOK_PREFIX
from seqprobe.config.places import resources
from seqprobe.failure import JobFailed
from seqprobe.files import is_disk_full
from seqprobe.run.command_lines import command_here
from seqprobe.run.config_file_errors import config_file_message, source_files
from seqprobe.user_calls import user_place

FAILURE, USAGE_ERROR = 1, 2
OPEN = ("task.", "model.", "optimizer.", "scheduler.", "loss.")
"""Nodes whose ``_target_`` may take more than their YAML states."""
KINDS = {"Integer": "an integer", "Float": "a number", "Boolean": "true or false", "String": "text"}


def error_line(problem: BaseException, arguments: Sequence[str]) -> tuple[str, int]:
    """The message and the exit code: 2 for bad input, 1 for what failed underway, or what the failure states."""
    if isinstance(problem, InvalidValue):
        return f"error: {single_line(problem)}", USAGE_ERROR
    if isinstance(problem, HydraException | OmegaConfBaseException):
        return f"error: {hydra_message(problem, arguments)}", USAGE_ERROR
    if about_file := config_file_message(problem):
        return f"error: {about_file}", USAGE_ERROR
    if "Config group override" in str(problem) or source_files(problem)[-1:] == ["defaults_list.py"]:
        # Hydra raises a bare ValueError or TypeError of its own here
        return f"error: {invalid_choice_message(arguments)}", USAGE_ERROR
    hint = "" if isinstance(problem, JobFailed) else " (set HYDRA_FULL_ERROR=1 for a traceback)"
    return f"error: {reason(problem)}{hint}", problem.exit_code if isinstance(problem, JobFailed) else FAILURE


def reason(problem: BaseException) -> str:
    """What ended a job, in one line of a few hundred characters; with what to do about a disk that is full."""
    if isinstance(problem, JobFailed):
        return single_line(problem)
    words = f"{type(problem).__name__}: {single_line(problem)}"[:400]
    if is_disk_full(problem):
        return f"{words}. Free some space and run the same command to resume"
    if "can't allocate memory" in words or "out of memory" in words:
        return f"{words}. Train fewer seeds, a smaller task.batch_size or a smaller model"
    return ": ".join(filter(None, [user_place(problem), words]))


def undelivered_message(folders: Sequence[str], tracking: Mapping[str, Any]) -> str:
    """Where the records are that a store was unavailable for at the end, and what delivers them."""
    kept, folder = ", ".join(folders), tracking.get("dir")
    if "uri" not in tracking:
        return (
            f"training is complete, but the database in {folder} was locked; the records are kept in {kept}, and the "
            "next command delivers them"
        )
    return (
        f"training is complete, but {tracking['uri']} was unavailable; the records are kept in {kept}; deliver them: "
        + command_here("deliver", "tracking=server", f"tracking.uri={tracking['uri']}", f"tracking.dir={folder}")
    )


def hydra_message(problem: BaseException, arguments: Sequence[str]) -> str:
    """An error of Hydra's or OmegaConf's in one line."""
    if isinstance(problem, MissingConfigException):
        return missing_option(problem, arguments)
    if isinstance(problem, OverrideParseException):
        return f"{problem.override}: cannot be read as an override; write key=value, and quote lists: 'seeds=[3,7]'"
    cause = problem if isinstance(problem, OmegaConfBaseException) else problem.__cause__
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return unknown_key(cause, arguments)
    if isinstance(cause, MissingMandatoryValue):
        return f"{cause.full_key}: is required: set {cause.full_key}=…"
    if isinstance(cause, OmegaConfBaseException) and "hydra:runtime.choices" in str(cause):  # one of them is no name
        return invalid_choice_message(arguments)
    if isinstance(cause, ValidationError):
        return wrong_type(cause, arguments)
    if isinstance(cause, OmegaConfBaseException) and "Cannot merge DictConfig with ListConfig" in str(cause):
        reason = "a list cannot take the place of keys on the command line: write it in a YAML file of your own"
        return f"{override_of(str(cause.full_key), arguments)}: {reason}"
    if isinstance(cause, OmegaConfBaseException):
        return f"{override_of(str(cause.full_key), arguments)}: {first_line(cause)}"
    return refused_override(problem, arguments)


def missing_option(problem: MissingConfigException, arguments: Sequence[str]) -> str:
    """A group has no such choice."""
    path = problem.missing_cfg_file
    options = [option for option in problem.options or [] if not option.startswith(NOTEBOOK_PREFIX)]
    if path is None:
        return single_line(problem)
    override = choice_override(path, arguments) or "=".join(path.rsplit("/", 1) if options else path.split("/", 1))
    group, _, choice = override.partition("=")
    options = options or choice_names(group.partition("@")[0])  # Hydra does not list what is in folders below a group
    return f"{override}: {one_of(choice, options)}" if options else f"{path}: there is no such config"


def invalid_choice_message(arguments: Sequence[str]) -> str:
    """The message for a group's value that is not the name of a choice: null, a number."""
    for argument in arguments:
        group, _, value = argument.partition("=")
        options = choice_names(group.lstrip("+").partition("@")[0])
        if options and value not in options:
            return f"{argument}: {one_of(value, options)}"
    return "choose one of the group's files by name"


def choice_names(group: str) -> list[str]:
    """Every choice of one of seqprobe's groups, those in folders below it as well."""
    folder = Path(resources("conf")) / group
    return sorted(str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.yaml") if group)


def choice_override(path: str, arguments: Iterable[str]) -> str:
    """The override that chose a group's config, with its package: ``probe@task.probes.x=foo``; empty if a file did."""
    for argument in arguments:
        key, _, choice = argument.lstrip("+").partition("=")
        if f"{key.partition('@')[0]}/{choice}" == path:
            return f"{key}={choice}"
    return ""


def unknown_key(cause: OmegaConfBaseException, arguments: Sequence[str]) -> str:
    """A key that the config does not have."""
    full_key, node, allowed = str(cause.full_key or cause.key), cause.parent_node, ""
    if isinstance(node, DictConfig) and not node and (choices := choice_names(group := full_key.split(".")[0])):
        return f"{override_of(full_key, arguments)}: no {group} is chosen; choose {group}={', '.join(choices)}"
    if isinstance(node, DictConfig):
        keys = [str(key) for key in node if not str(key).startswith("_") and key != "hydra"]
        allowed = f"; allowed here: {', '.join(keys) or 'none'}"
        if full_key.startswith(OPEN):
            allowed += f" (+{full_key} adds a key)"
        allowed += suggestion(cause.key, keys)
    return f"{override_of(full_key, arguments)}: unknown key{allowed}"


def wrong_type(cause: ValidationError, arguments: Sequence[str]) -> str:
    """A value of a type that the schema does not allow."""
    full_key = str(cause.full_key or cause.key)
    expected = re.search(r"could not be converted to (\w+)", str(cause))
    if "is not a subclass of" in str(cause):
        return f"{override_of(full_key, arguments)}: has keys of its own: set one by {full_key}.KEY=VALUE"
    if "is not a valid bool" in str(cause):
        return f"{override_of(full_key, arguments)}: must be true or false"
    if expected is not None:
        return f"{override_of(full_key, arguments)}: must be {KINDS.get(expected[1], expected[1])}"
    reason = "must not be null" if "is not Optional" in str(cause) else first_line(cause)
    return f"{override_of(full_key, arguments)}: {reason}"


def refused_override(problem: BaseException, arguments: Sequence[str]) -> str:
    """An override that Hydra cannot apply, or that only a sweep could."""
    message = single_line(problem)
    if ambiguous := re.match(r"Ambiguous value for argument '(.+?)' 1\.", message):
        return f"{ambiguous[1]}: several values need -m (or --multirun); a list is written key=[value,value]"
    if folder := re.match(r"Additional config directory '(.+)' not found", message):
        return f"--config-dir={folder[1]}: there is no such folder"
    if unused := re.match(r"Could not override '(.*)'\. No match in the defaults list", message):
        return f"{override_of(unused[1], arguments) or '='}: no such option; --help shows what this command takes"
    if missing := re.match(r"Could not delete from config\. '(.+)' does not exist", message):
        return f"~{missing[1]}: unknown key; there is nothing to remove"
    quoted = re.search(r"'([^']+)'", message)
    argument = override_of(quoted[1], arguments) if quoted else ""
    return f"{argument}: {message}" if "=" in argument else message


def override_of(full_key: str, arguments: Sequence[str]) -> str:
    """The override of a key or of one below it, ``key=value``; the key alone if the command line has none."""
    for argument in arguments:
        key, equals, value = argument.partition("=")
        name = key.lstrip("+~").replace("/", ".")
        if equals and (name == full_key.replace("/", ".") or name.startswith(f"{full_key}.")):
            return f"{key.lstrip('+~')}={value}"
    return full_key


def first_line(problem: BaseException) -> str:
    """A message without the lines that OmegaConf adds for its own developers."""
    return (str(problem).splitlines() or [""])[0]
