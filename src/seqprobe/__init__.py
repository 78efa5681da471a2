"""A laboratory for small sequence models: train populations of them, probe where they stop generalising."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from seqprobe.moved_names import install_moved_modules

if TYPE_CHECKING:
    from seqprobe.commands.api import runs as runs
    from seqprobe.commands.compared_runs import compare as compare
    from seqprobe.commands.load import load as load
    from seqprobe.commands.notebook import train as train

__version__ = "0.1.0"

install_moved_modules()


PUBLIC = {
    "compare": "seqprobe.commands.compared_runs",
    "load": "seqprobe.commands.load",
    "runs": "seqprobe.commands.api",
    "train": "seqprobe.commands.notebook",
}
"""What notebooks call, by the module that has it."""


def __getattr__(name: str) -> Any:
    """Import what notebooks call on first use: most commands need neither MLflow nor pandas."""
    if name in PUBLIC:
        return getattr(import_module(PUBLIC[name]), name)
    raise AttributeError(f"module 'seqprobe' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC])
