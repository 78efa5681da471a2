"""Call the pipelines as a user does, but in this process."""

from __future__ import annotations

import os
import runpy
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import open_dict

from seqprobe.config.build import resolved
from seqprobe.config.schema import register

ROOT = Path(__file__).parents[1]


def run_script(name: str, arguments: Sequence[str]) -> int:
    """Run pipelines/<name>.py with ``arguments`` and return its exit code; process-wide state is put back."""
    handler = signal.getsignal(signal.SIGTERM)
    path, environment = list(sys.path), dict(os.environ)
    try:
        with mock.patch.object(sys, "argv", [f"{name}.py", *arguments]):
            runpy.run_path(str(ROOT / "pipelines" / f"{name}.py"), run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        signal.signal(signal.SIGTERM, handler)
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(environment)
    return 0


def plain_config(*overrides: str) -> dict[str, Any]:
    """The resolved config that a command line with ``overrides`` composes, as plain containers."""
    register()
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        config = compose("config", list(overrides), return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        with open_dict(config):
            del config["hydra"]
        return resolved(config)
