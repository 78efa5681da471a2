"""Any composition of task, model, engine and seeds trains, goes on from a checkpoint bit for bit, and stays finite."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_experiment
from seqprobe.config.choices import choices
from seqprobe.config.compose import plain_config
from seqprobe.learning.archive import member_archive
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult

pytestmark = pytest.mark.slow
EXACT = {"turnstile_machine", "counter"}
"""Models with the sizes of their own tasks."""
SMALL = {"train_size": 6, "val_size": 4, "batch_size": 2}
SIZES = {
    "line_xy": {"points": 7},
    "hill_xy": {"points": 7},
    "hill_y": {"points": 7},
    "sine": {"points": 9},
    "amplitude": {"points": 6},
    "slope_intercept": {"points": 6},
    "turnstile": {},
    "remember": {"lag": 3},
}
FILES = {"table", "rooms"}
"""Tasks whose sizes are those of a file; one of them comes with seqprobe."""
OPTIMIZERS = [["optimizer=adam"], ["optimizer=sgd", "optimizer.momentum=0.9"], ["optimizer=sgd", "optimizer.lr=50"]]


@st.composite
def compositions(draw: Any) -> list[str]:
    """Overrides of a tiny training."""
    task = draw(st.sampled_from(sorted(set(choices("task")) - {"table"})))
    model = draw(st.sampled_from(sorted(set(choices("model")) - EXACT)))
    seeds = draw(st.lists(st.integers(0, 2**40), min_size=1, max_size=3, unique=True))
    sizes = {"batch_size": 2} if task in FILES else {**SMALL, **SIZES.get(task, {})}
    own = [f"task.{name}={value}" for name, value in sizes.items()]
    hidden = [] if model == "mlp" else [f"model.hidden_size={draw(st.integers(1, 5))}"]
    return [
        f"task={task}",
        f"model={model}",
        f"seeds={seeds}",
        *own,
        *hidden,
        f"engine={draw(st.sampled_from(['stacked', 'looped', 'compiled', 'auto']))}",
        f"trainer.precision={draw(st.sampled_from(['32-true', '64-true']))}",
        f"trainer.gradient_clip={draw(st.sampled_from(['null', '0.5']))}",
        f"trainer.memory_gib={draw(st.sampled_from(['null', '0.000001']))}",
        f"trainer.val_every={draw(st.integers(1, 4))}",
        f"trainer.log_every={draw(st.integers(1, 4))}",
        "trainer.max_steps=3",
        "trainer.accelerator=cpu",
        *draw(st.sampled_from(OPTIMIZERS)),
    ]


class Stop(lightning.Callback):
    """End the process, as it were, after the first Lightning batch."""

    def on_train_batch_end(self, *args: Any) -> None:
        raise InterruptedError


def trained(experiment: Experiment, folder: Path | None = None, *callbacks: lightning.Callback) -> TrainResult:
    return fit(
        experiment,
        MemoryRecorder(),
        callbacks=callbacks,
        previous=PreviousWork.load(Checkpoints(folder), experiment.seeds),
    )


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(compositions())
def test_any_composition_trains_and_goes_on(overrides: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as folder:
        patched.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 1)
        try:
            experiment = build_experiment(plain_config(*overrides))
        except InvalidValue as refused:  # not every model learns every task, or can be stacked
            assume(refused.key not in ("model.kind", "engine"))
            raise
        whole, stopped = Path(folder) / "whole", Path(folder) / "stopped"
        wanted = trained(experiment, whole)
        stopped.mkdir()
        for plan in whole.glob("plan.*"):  # auto may choose otherwise another time
            (stopped / plan.name).write_bytes(plan.read_bytes())
        with pytest.raises(InterruptedError):
            trained(experiment, stopped, Stop())
        found = trained(experiment, stopped)
    assert found.updates == wanted.updates == 3
    for member in range(len(experiment.seeds)):
        one, other = member_archive(found, member), member_archive(wanted, member)
        np.testing.assert_equal(one, other)
        finite = wanted.diverged_at[member] < 0
        assert finite == bool(wanted.population.alive[member])
        assert torch.isfinite(wanted.population.weights[member]).all()
        assert bool(wanted.causes[member]) == (not finite)
        scores = [values[member] for values in wanted.scores.values()]
        assert np.isfinite(scores).all() if finite else np.isnan(scores).all()
