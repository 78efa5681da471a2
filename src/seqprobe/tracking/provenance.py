"""Where a run came from: the commit and what was changed since, the package versions, the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import seqprobe
from seqprobe.scoring import Tag
from seqprobe.tracking.process_identity import process_tags

PACKAGES = ("torch", "pytorch-lightning", "hydra-core", "omegaconf", "mlflow", "numpy", "matplotlib", "pandas")
NUMERICAL = ("torch", "numpy")
"""Packages whose versions may change results, if only by rounding; every run has theirs as tags."""


def versions() -> dict[str, str]:
    """Versions of Python, seqprobe and what it computes with."""
    packages = {package: metadata.version(package) for package in PACKAGES}
    return {"python": platform.python_version(), "seqprobe": seqprobe.__version__, **packages}


def git_output(*arguments: str) -> str:
    """The output of a git command on the checkout that seqprobe runs from; empty where there is none."""
    folder = Path(seqprobe.__file__).parent
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def uncommitted_diff() -> str:
    """The checkout's tracked changes since its last commit, as a patch, and the names of untracked files."""
    untracked = git_output("ls-files", "--others", "--exclude-standard", "--full-name").splitlines()
    return git_output("diff", "HEAD") + "".join(f"# untracked: {name}\n" for name in untracked)


def run_tags() -> dict[str, str]:
    """Run tags: the commit, the versions, the machine, and the process that fills the run."""
    commit = git_output("rev-parse", "HEAD").strip()
    source = {"mlflow.source.git.commit": commit} if commit else {}
    return source | {
        "mlflow.source.name": "seqprobe",
        "mlflow.source.type": "LOCAL",
        Tag.VERSION: seqprobe.__version__,
        **{f"seqprobe.{package}": metadata.version(package) for package in NUMERICAL},
        Tag.MACHINE: f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        **process_tags(),
    }
