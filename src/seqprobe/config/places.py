"""Where seqprobe's files are, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
CHECKOUT = PACKAGE.parents[1]


def resources(name: str) -> Path:
    """The folder ``conf``, ``pipelines`` or ``docs``: inside the package in a wheel, else at the checkout's root."""
    return PACKAGE / name if (PACKAGE / name).is_dir() else CHECKOUT / name


def home() -> Path:
    """Where ``mlruns/`` goes: the checkout, wherever the command is called from; in a wheel the working directory."""
    return Path.cwd() if (PACKAGE / "conf").is_dir() else CHECKOUT
