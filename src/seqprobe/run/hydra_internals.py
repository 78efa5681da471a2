"""All that is used of Hydra without being its public interface; hydra-core is pinned in pyproject.toml for its sake."""

from __future__ import annotations

from hydra._internal.utils import get_args_parser as hydra_argument_parser

__all__ = ["hydra_argument_parser"]
