"""Errors as people want them: the key, the value and what is allowed, in one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    ValidationError,
)

from seqprobe.checks import InvalidValue

FAILURE, USAGE_ERROR = 1, 2
KINDS = {"Integer": "an integer", "Float": "a number", "Boolean": "true or false", "String": "text"}


def one_line(problem: BaseException, arguments: Sequence[str]) -> tuple[str, int]:
    """The message and the exit code: 2 for bad input, 1 for what failed underway."""
    if isinstance(problem, InvalidValue):
        return f"error: {problem}", USAGE_ERROR
    if isinstance(problem, HydraException | OmegaConfBaseException):
        return f"error: {reduced(problem, arguments)}", USAGE_ERROR
    hint = "(HYDRA_FULL_ERROR=1 shows where)"
    return f"error: {type(problem).__name__}: {squeezed(problem)} {hint}", FAILURE


def reduced(problem: BaseException, arguments: Sequence[str]) -> str:
    """One of Hydra's or OmegaConf's own errors."""
    if isinstance(problem, MissingConfigException):
        return missing_option(problem)
    if isinstance(problem, OverrideParseException):
        return f"{problem.override}: cannot be read as an override; write key=value, and quote lists: 'seeds=[3,7]'"
    cause = problem if isinstance(problem, OmegaConfBaseException) else problem.__cause__
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return unknown_key(cause, arguments)
    if isinstance(cause, MissingMandatoryValue):
        return f"{squeezed(cause).split(': ')[-1]}: must be given (key=value)"
    if isinstance(cause, ValidationError):
        return wrong_type(cause, arguments)
    return squeezed(problem)


def missing_option(problem: MissingConfigException) -> str:
    """A group has no such choice."""
    group, _, choice = str(problem.missing_cfg_file).rpartition("/")
    options = ", ".join(problem.options or [])
    if not options:
        return squeezed(problem)
    return f"{group}={choice}: must be one of {options}"


def unknown_key(cause: OmegaConfBaseException, arguments: Sequence[str]) -> str:
    """A key that the config does not have."""
    full_key = str(cause.full_key or cause.key)
    allowed = ""
    if cause.parent_node is not None:
        keys = [str(key) for key in cause.parent_node if not str(key).startswith("_") and key != "hydra"]
        allowed = f"; allowed here: {', '.join(keys)}"
    return f"{given(full_key, arguments)}: unknown key{allowed}"


def wrong_type(cause: ValidationError, arguments: Sequence[str]) -> str:
    """A value of a type that the schema does not allow."""
    full_key = str(cause.full_key or cause.key)
    wanted = re.search(r"could not be converted to (\w+)", str(cause))
    if wanted is None:
        return f"{given(full_key, arguments)}: {squeezed(cause)}"
    return f"{given(full_key, arguments)}: must be {KINDS.get(wanted[1], wanted[1])}"


def given(full_key: str, arguments: Sequence[str]) -> str:
    """The key with the value the command line gave it."""
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if equals and key.lstrip("+~") == full_key:
            return f"{full_key}={value}"
    return full_key


def squeezed(problem: BaseException) -> str:
    """A message without its line breaks."""
    return " ".join(str(problem).split())
