"""Numbers that overflow are results: they are recorded, and drawn without numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from trainings import train

from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.figures import png
from seqprobe.learning.recorder import MemoryRecorder

TINY = ["model=lstm", "model.hidden_size=2", "seeds=2", "trainer.max_steps=2", "engine=looped"]
FEW = ["task.train_size=4", "task.val_size=4", "~task.probes.map"]


@pytest.mark.parametrize(
    ("overrides", "figure", "objective"),
    [
        (["task=sine", "task.curve.amplitude=1e200"], "fit", math.inf),
        (["task=amplitude", "task.curve.amplitude=[1e307,1e308]", *FEW[:2]], "examples", math.inf),
        (["task=sine", "task.probes.amplitude.values=[0.1,1e308]"], "probe_amplitude", None),
        (["task=slope_intercept", "task.probes.extrapolated_slopes.values=[-1e308,1e308]", *FEW], "examples", None),
    ],
)
def test_what_overflows_is_drawn_without_numbers(overrides: list[str], figure: str, objective: float | None) -> None:
    recorder = MemoryRecorder()
    others = [f"~task.probes.{name}" for name in ("phase", "frequency", "lines", "lines_no_intercept", "map")]
    result = train(
        build_experiment(plain_config(*TINY, *overrides, *(others if "task=sine" in overrides else []))), recorder
    )
    assert figure in recorder.figures
    for drawing in recorder.figures.values():
        assert png(drawing).startswith(b"\x89PNG")
    if objective is None:
        assert math.isfinite(result.objective)
    else:
        assert result.objective == objective
        assert result.diverged_at.tolist() == [0, 0]
        assert np.isnan(recorder.last("val/loss")).all()
