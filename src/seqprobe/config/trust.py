"""Whose code a config may run: a ``_target_`` names code, and whoever writes a config could name any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from seqprobe.checks import InvalidValue
from seqprobe.config.targets import resolve_target

OWN = ("seqprobe", "torch.nn", "torch.optim", "torch.distributions")
"""Packages whose code every config may name; the rest of torch can load and run files."""
REFUSED = (
    f"is code outside {', '.join(OWN)} and --config-dir; a config could run anything that way, so it takes trust=true"
)


def check_trust(plain: Mapping[str, Any], trusted: Sequence[Path] = ()) -> None:
    """Refuse code that a config must not name, before it is imported.

    Args:
        trusted: folders whose modules may be named: whoever gives a ``--config-dir`` trusts it, a config cannot.

    Raises:
        InvalidValue: a ``_target_`` is outside, and the config does not say ``trust=true``.
    """
    if not isinstance(plain.get("trust", False), bool):
        raise InvalidValue("trust", plain["trust"], "must be true or false")
    if plain.get("trust"):
        return
    for key, target in targets(plain):
        top = str(target).partition(".")[0]
        if top in ("seqprobe", "torch"):
            # Where it was defined counts: what such a package has imported, like torch.os.system, is not its own.
            module = getattr(resolve_target(key.removesuffix("._target_"), target), "__module__", None) or ""
            allowed = any(f"{module}.".startswith(f"{package}.") for package in OWN)
        else:
            allowed = any(PathFinder.find_spec(top, [str(folder)]) for folder in trusted)
            allowed |= find_spec(top) is None  # nothing is run by what is not there
        if not allowed:
            raise InvalidValue(key, target, REFUSED)


def targets(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every ``_target_`` in a config, with its full key."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            full = f"{key}.{name}" if key else str(name)
            if name == "_target_":
                yield full, value
            else:
                yield from targets(value, full)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from targets(value, f"{key}[{index}]")
