"""Where a run came from: the commit and what was changed since, the package versions, the machine."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import time
from importlib import metadata
from pathlib import Path

import seqprobe

PACKAGES = ("torch", "pytorch-lightning", "hydra-core", "omegaconf", "mlflow", "numpy", "matplotlib", "pandas")


def versions() -> dict[str, str]:
    """Versions of Python, seqprobe and what it computes with."""
    found = {package: metadata.version(package) for package in PACKAGES}
    return {"python": platform.python_version(), "seqprobe": seqprobe.__version__, **found}


def git(*arguments: str) -> str:
    """What git says of the checkout that seqprobe runs from; empty where there is none."""
    folder = Path(seqprobe.__file__).parent
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def uncommitted_diff() -> str:
    """The checkout's tracked changes since its last commit, as a patch, and the names of untracked files."""
    untracked = git("ls-files", "--others", "--exclude-standard", "--full-name").splitlines()
    return git("diff", "HEAD") + "".join(f"# untracked: {name}\n" for name in untracked)


def tags() -> dict[str, str]:
    """Run tags: the commit, who ran it on what machine, and the process that fills the run."""
    commit = git("rev-parse", "HEAD").strip()
    source = {"mlflow.source.git.commit": commit} if commit else {}
    return source | {
        "mlflow.source.name": "seqprobe",
        "mlflow.source.type": "LOCAL",
        "seqprobe.version": seqprobe.__version__,
        "seqprobe.host": socket.gethostname(),
        "seqprobe.machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "seqprobe.pid": str(os.getpid()),
        "seqprobe.started": f"{time.time():.3f}",
    }
