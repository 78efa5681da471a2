"""What the fork server of a sweep imports once, so that its jobs import nothing."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from seqprobe.config.compose import Plain

JOBS = "seqprobe.run.worker"
COMPILING = "seqprobe.models.compiled.machine_passes"
"""It imports LLVM, with which machine code is compiled and loaded."""
KEPT = "seqprobe."
"""How targets begin whose modules are preloaded: code of a user's own is imported by the job that runs it."""


def preloaded_modules(configs: Iterable[Plain]) -> list[str]:
    """What all jobs need, then what some of these composed configs need: modules of seqprobe and of other packages."""
    needed = set[str]()
    for config in configs:
        for target in targets(config["task"]):
            needed.add(target.rpartition(".")[0])
            with suppress(ImportError, AttributeError, ValueError):  # what there is not, its request will refuse
                needed.update(getattr(pkgutil.resolve_name(target), "libraries", ()))
        if config["engine"] in ("auto", "compiled"):
            needed.add(COMPILING)
    return [JOBS, *sorted(needed)]


def targets(node: Any) -> Iterator[str]:
    """The targets of seqprobe's own in a composed config."""
    if isinstance(node, dict):
        if str(node.get("_target_", "")).startswith(KEPT):
            yield node["_target_"]
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from targets(part)
