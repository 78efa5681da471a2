"""The environment in which MLflow rebuilds a saved network, as the three files that `mlflow.pyfunc.save_model` writes.

MLflow would write them itself, but looks first which package each of some 20,000 installed files belongs to, to warn of
packages that are not installed; the two that are stated here are those that are running.
"""

from __future__ import annotations

import functools
import platform
from importlib import metadata

import yaml

import seqprobe

CONDA, PYTHON_ENV, REQUIREMENTS = "conda.yaml", "python_env.yaml", "requirements.txt"
BUILD_PACKAGES = ("pip", "setuptools", "wheel")


@functools.cache
def environment_files() -> dict[str, str]:
    """The files by their names."""
    python, packages = platform.python_version(), pinned_packages()
    conda = {
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", pinned("pip", "<="), {"pip": packages}],
    }
    python_env = {
        "python": python,
        "build_dependencies": [pinned(name, "==") for name in BUILD_PACKAGES],
        "dependencies": [f"-r {REQUIREMENTS}"],
    }
    return {
        CONDA: yaml.safe_dump(conda, default_flow_style=False),
        PYTHON_ENV: yaml.safe_dump(python_env, sort_keys=False, default_flow_style=False),
        REQUIREMENTS: "\n".join(packages),
    }


def pinned_packages() -> list[str]:
    """What a network needs, in the versions that run now."""
    import mlflow

    return [f"mlflow=={mlflow.__version__}", f"seqprobe=={seqprobe.__version__}"]


def pinned(package: str, operator: str) -> str:
    """A package with the version that is installed, or without one if it is not."""
    try:
        return f"{package}{operator}{metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return package
