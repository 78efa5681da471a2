"""Whose code Hydra itself may run: its callbacks, launchers, sweepers and logging are named by configs, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from seqprobe.checks import InvalidValue
from seqprobe.config.trust import ADVICE, check_trust

MAKING = ("callbacks", "launcher", "sweeper")
"""Nodes of ``hydra`` whose ``_target_`` Hydra instantiates."""
LOGGING = ("job_logging", "hydra_logging")
"""Nodes of ``hydra`` that `logging.config.dictConfig` reads, which can call anything."""
LOGGING_CLASSES = (
    *("logging.StreamHandler", "logging.FileHandler", "logging.Formatter", "colorlog.ColoredFormatter"),
    *("ext://sys.stdout", "ext://sys.stderr"),
    "${hydra.runtime.output_dir}/${hydra.job.name}.log",
)
"""What Hydra's own choices of logging name."""


def check_searchpath(overrides: Sequence[str]) -> None:
    """Refuse another folder of configs than ``--config-dir``: ``pkg://name`` would import a module.

    Raises:
        InvalidValue: an override states one.
    """
    for override in overrides:
        key, _, value = override.lstrip("+~").partition("=")
        if key.startswith("hydra.searchpath"):
            raise InvalidValue(key, value, "cannot be changed; --config-dir names a further folder of configs")


def check_hydra_trust(config: DictConfig, trusted: Sequence[Path]) -> None:
    """Refuse code that Hydra would run of a composed config, which has its node ``hydra`` still.

    Raises:
        InvalidValue: it is neither Hydra's nor the user's, and the config does not say ``trust=true``.
    """
    if config.get("trust", False):
        return
    nodes = {name: child_nodes(config.hydra.get(name)) for name in MAKING}
    check_trust({"hydra": nodes}, trusted)
    for name in LOGGING:
        node = config.hydra.get(name)
        for key, value in logging_calls(OmegaConf.to_container(node), f"hydra.{name}") if node else ():
            if value not in LOGGING_CLASSES:
                raise InvalidValue(key, value, f"must be one of {', '.join(LOGGING_CLASSES)}; {ADVICE}")


def child_nodes(node: DictConfig | None) -> dict[str, Any]:
    """A node in plain containers, without the values to be swept: they may refer to the job to come."""
    if node is None:
        return {}
    kept = OmegaConf.masked_copy(node, [str(key) for key in node if key != "params"])
    kept._set_parent(node._get_parent())
    plain = OmegaConf.to_container(kept, resolve=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def logging_calls(node: Any, key: str) -> Iterator[tuple[str, Any]]:
    """What a configuration of Python's logging would look up and call, with full keys.

    Also nodes that are written as an interpolation: what they become is not known yet.
    """
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name in ("()", "class"):
                yield f"{key}.{name}", value
            else:
                yield from logging_calls(value, f"{key}.{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from logging_calls(value, f"{key}[{index}]")
    elif isinstance(node, str) and node.startswith(("ext://", "${")):
        yield key, node
