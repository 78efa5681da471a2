"""Make objects from config nodes with a ``_target_``; errors name the full key of the value that is wrong."""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate

from seqprobe.checks import InvalidValue, single_line, suggestion
from seqprobe.moved_names import current_name, with_current_names

HYDRAS_KEYS = ("_target_", "_partial_", "_args_", "_convert_", "_recursive_")
FLAGS = {
    "_partial_": ("true", "false"),
    "_recursive_": ("true", "false"),
    "_convert_": ("none", "partial", "object", "all"),
}
"""What Hydra takes for those of its keys that are no target and no arguments."""
FULL_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
"""A name with dots. What else Python could look up, such as ``module:name``, is refused."""
EXITED = "its code ends the process (SystemExit) when it is imported or called"


@contextmanager
def prefixed_keys(prefix: str) -> Iterator[None]:
    """Put ``prefix`` before the keys that errors inside it name."""
    try:
        yield
    except InvalidValue as problem:
        raise InvalidValue(f"{prefix}.{problem.key}", problem.value, problem.allowed) from problem


def make(key: str, node: Any, kind: type | None = None) -> Any:
    """Instantiate a node of the config.

    Raises:
        InvalidValue: it has no ``_target_``, its arguments do not fit, or what it makes is no ``kind``; keys in the
            message are full ones.
    """
    if not isinstance(node, Mapping) or "_target_" not in node:
        raise InvalidValue(key, node, "must have a _target_")
    target, expected = node["_target_"], f"must be a seqprobe {kind.__name__}" if kind else ""
    factory = resolve_target(key, target)
    if kind is not None and isinstance(factory, type) and not issubclass(factory, kind):
        raise InvalidValue(f"{key}._target_", target, expected)
    check_nodes(key, node)
    try:
        made = instantiate(with_current_names(node), _convert_="all")
    except InstantiationException as problem:
        raise instantiation_error(key, node, problem) from problem
    except SystemExit as problem:
        raise InvalidValue(f"{key}._target_", target, EXITED) from problem
    if kind is not None and not isinstance(made, kind):
        raise InvalidValue(f"{key}._target_", target, expected)
    return made


def call(key: str, node: Any, factory: Callable[..., Any], *arguments: Any) -> Any:
    """Call a partial that `make` made; its errors name full keys as well."""
    try:
        with prefixed_keys(key):
            return factory(*arguments)
    except InvalidValue:
        raise
    except InstantiationException as problem:
        raise instantiation_error(key, node, problem) from problem
    except Exception as problem:  # constructors of a user's own may raise anything
        raise argument_error(key, node, problem) from problem
    except SystemExit as problem:
        raise InvalidValue(f"{key}._target_", node.get("_target_"), EXITED) from problem


def resolve_target(key: str, target: Any) -> Callable[..., Any]:
    """The class or function that a ``_target_`` names; names from earlier versions are looked up in `moved_names`.

    Raises:
        InvalidValue: it names nothing that can be imported and called.
    """
    if not isinstance(target, str) or not FULL_NAME.fullmatch(target):
        raise InvalidValue(f"{key}._target_", target, "must be the full name of a class, such as torch.optim.Adam")
    try:
        resolved = pkgutil.resolve_name(current_name(target))
    except SystemExit as problem:
        raise InvalidValue(f"{key}._target_", target, EXITED) from problem
    except Exception as problem:  # importing a user's own module may raise anything
        raise InvalidValue(f"{key}._target_", target, f"cannot be imported: {single_line(problem)}") from problem
    if not callable(resolved):
        raise InvalidValue(f"{key}._target_", target, "must name a class or a function")
    return resolved


def check_nodes(key: str, node: Any) -> None:
    """Refuse unknown keys in a node and in those below it, before any of them is instantiated."""
    if isinstance(node, Mapping):
        if "_target_" in node:
            check_flags(key, node)
            check_keys(key, node, allowed_keys(node, resolve_target(key, node["_target_"])))
        for name, value in node.items():
            check_nodes(f"{key}.{name}", value)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            check_nodes(f"{key}[{index}]", value)


def check_flags(key: str, node: Mapping[Any, Any]) -> None:
    """Refuse values of Hydra's own keys that it does not take: its error would not name the key."""
    for name, allowed in FLAGS.items():
        value = node.get(name)
        kind = bool if "true" in allowed else str
        if name in node and (not isinstance(value, kind) or str(value).lower() not in allowed):
            raise InvalidValue(f"{key}.{name}", value, f"must be one of {', '.join(allowed)}")


def check_keys(key: str, node: Mapping[Any, Any], allowed: list[str] | None) -> None:
    """Refuse keys that are not ``allowed``; None allows any."""
    for name, value in node.items():
        if allowed is not None and name not in allowed and name not in HYDRAS_KEYS:
            full_key = f"{key}.{name}" if key else str(name)
            expected = f"{', '.join(allowed)}{suggestion(name, allowed)}"
            raise InvalidValue(full_key, value, f"unknown key; allowed here: {expected}")


def allowed_keys(node: Mapping[Any, Any], target: Callable[..., Any]) -> list[str] | None:
    """The keys that ``target`` accepts in YAML, or None if it accepts any.

    Arguments that a partial leaves open are not among them: seqprobe itself passes sizes and parameters.
    """
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):  # some functions written in C have no signature
        return None
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    keywords = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    is_partial = bool(node.get("_partial_"))
    return [p.name for p in keywords if not is_partial or p.name in node or p.default is not p.empty]


def constructor_defaults(target: Callable[..., Any]) -> dict[str, str]:
    """The default of each parameter that has one JSON can write, as JSON."""
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):  # some functions written in C have no signature
        return {}
    defaults = {entry.name: entry.default for entry in parameters if entry.default is not entry.empty}
    return {name: json.dumps(value, default=repr) for name, value in defaults.items()}


def instantiation_error(key: str, node: Any, problem: InstantiationException) -> InvalidValue:
    """Hydra's error as an `InvalidValue` with the full key of the argument that was wrong."""
    _, _, inner = str(problem).partition("full_key: ")
    for name in filter(None, inner.split(".")):
        key, node = entry_named(key, node, name)
    cause: BaseException | None = problem
    while cause is not None and isinstance(cause, InstantiationException):
        cause = cause.__cause__
    if isinstance(cause, InvalidValue):
        is_full = cause.key.startswith(f"{key}.")  # some errors name their full key already
        return InvalidValue(cause.key if is_full else f"{key}.{cause.key}", cause.value, cause.allowed)
    return argument_error(key, node, problem if cause is None else cause)


def entry_named(key: str, node: Any, name: str) -> tuple[str, Any]:
    """The full key of an entry, and the entry; Hydra writes ``cell0`` for the first item of the list ``cell``."""
    numbered = re.fullmatch(r"(.*?)(\d+)", name)
    if isinstance(node, Mapping) and name not in node and numbered and isinstance(items := node.get(numbered[1]), list):
        return f"{key}.{numbered[1]}[{numbered[2]}]", items[int(numbered[2])]
    return f"{key}.{name}", node.get(name) if isinstance(node, Mapping) else None


def argument_error(key: str, node: Any, cause: BaseException) -> InvalidValue:
    """The error of a target outside seqprobe: with the key its message names, else with all of its arguments."""
    if not isinstance(node, Mapping):
        return InvalidValue(key, node, single_line(cause))
    settings = {str(name): value for name, value in node.items() if isinstance(value, str | int | float)}
    target = settings.pop("_target_", None)
    for name in settings:
        if re.search(rf"\b{re.escape(name)}\b", str(cause)):
            return InvalidValue(f"{key}.{name}", settings[name], single_line(cause))
    shown = ", ".join(f"{name}={value}" for name, value in settings.items() if name not in HYDRAS_KEYS)
    return InvalidValue(key, f"{target}({shown})", single_line(cause))
