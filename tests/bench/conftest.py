"""The benchmark's config, on the CPU and with a store in a fresh folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seqprobe.bench import sides
from seqprobe.config.compose import Plain, compose_config


@pytest.fixture
def composed(tmp_path: Path) -> Callable[..., Plain]:
    """Composes what a command line with some overrides does, with a store in a fresh folder."""

    def compose_bench(*overrides: str) -> Plain:
        here = [f"tracking.dir={tmp_path}/store", "page=null", "trainer.accelerator=cpu"]
        return compose_config([*here, *overrides], root="bench").config

    return compose_bench


@pytest.fixture(scope="session", autouse=True)
def _short_trainings() -> Iterator[None]:
    """Engine auto chooses for trainings in which compiling cannot pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sides, "CHOSEN_FOR", 2)
        yield
