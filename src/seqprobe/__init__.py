"""A laboratory for small sequence models: train populations of them, probe where they stop generalising."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from seqprobe.moved_names import install_moved_modules

if TYPE_CHECKING:
    from seqprobe.commands.api import runs as runs

__version__ = "0.1.0"

install_moved_modules()


def __getattr__(name: str) -> Any:
    """Import ``seqprobe.runs`` on first use: most commands need neither MLflow nor pandas."""
    if name == "runs":
        return import_module("seqprobe.commands.api").runs
    raise AttributeError(f"module 'seqprobe' has no attribute {name!r}")
