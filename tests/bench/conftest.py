"""The benchmark's config, on the CPU and with a store in a fresh folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from scripts import ROOT
from seqprobe.config.plain import Plain, resolved

from seqprobe.config.schema import register


@pytest.fixture
def composed(tmp_path: Path) -> Callable[..., Plain]:
    """Composes what a command line with some overrides does, with a store in a fresh folder."""

    def compose_bench(*overrides: str) -> Plain:
        register()
        here = [f"tracking.dir={tmp_path}/store", "page=null", "trainer.accelerator=cpu"]
        with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
            return resolved(compose("bench", [*here, *overrides]))

    return compose_bench
