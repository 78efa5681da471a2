"""A composed config as plain containers, and the store that it names: light, for commands that train nothing."""

from __future__ import annotations

from typing import Any

from omegaconf import DictConfig, OmegaConf

from seqprobe.checks import InvalidValue
from seqprobe.config.targets import allowed_keys, located, make
from seqprobe.config.trust import check_trust
from seqprobe.tracking.stores.store import Store

Plain = dict[str, Any]


def resolved(config: DictConfig) -> Plain:
    """The config as plain containers, with every interpolation replaced."""
    plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def build_store(plain: Plain) -> Store:
    """The store that ``tracking`` names, checked but not touched."""
    node = plain["tracking"]
    if not isinstance(node, dict):
        raise InvalidValue("tracking", node, "must be a store's config")
    for key in ("dir", "uri"):
        if not isinstance(node.get(key, ""), str):
            raise InvalidValue(f"tracking.{key}", node[key], "must be text")
    check_trust({"trust": plain.get("trust", False), "tracking": node})
    store: Store = make("tracking", store_node(node), Store)
    store.check()
    return store


def store_node(node: Plain) -> Plain:
    """A store's own part of ``tracking``: ``dir`` holds what stays on this machine, which a server knows nothing of."""
    takes = allowed_keys(node, located("tracking", node["_target_"])) if "_target_" in node else None
    return {key: value for key, value in node.items() if key != "dir" or takes is None or "dir" in takes}
