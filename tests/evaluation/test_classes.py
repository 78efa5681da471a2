"""Training on classes, training nothing at all, and what is refused before training."""

from __future__ import annotations

import numpy as np
import pytest
from trainings import train

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.learning.recorder import MemoryRecorder

QUIET = ["~task.probes", "seeds=2", "task.train_size=400", "task.val_size=60"]


def trained(*overrides: str) -> MemoryRecorder:
    recorder = MemoryRecorder()
    train(build_experiment(plain_config(*QUIET, *overrides)), recorder)
    return recorder


@pytest.mark.parametrize("engine", ["stacked", "looped"])
def test_the_turnstile_is_learned_better_than_by_waiting(engine: str) -> None:
    recorder = trained(
        "task=turnstile", "model=gru", "model.hidden_size=8", "trainer.max_steps=250", f"engine={engine}"
    )
    assert (recorder.last("val/accuracy") > recorder.last("reference/constant") + 0.1).all()
    assert "val/rmse" not in recorder.metrics_at
    table = recorder.tables["fit"]
    assert list(table.columns) == ["seed", "sequence", "step", "truth", "prediction", "probability"]
    assert set(table["truth"]) == {"WAIT", "WALK"}
    assert len(table) == 2 * 6 * 20
    assert set(recorder.figures) == {"training_curves", "fit"}
    assert set(recorder.animations) == {"fit"}


def test_one_class_per_sequence_is_drawn_as_a_confusion() -> None:
    recorder = trained("task=remember", "task.lag=3", "model=lstm", "trainer.max_steps=150")
    assert (recorder.last("val/accuracy") > 0.9).all()
    assert recorder.figures["fit"].axes[0].get_xlabel() == "answered"
    assert set(recorder.tables["fit"]["truth"]) == {"0", "1", "2", "3"}


def test_a_sequences_padding_is_not_in_its_table() -> None:
    recorder = trained("task=sentence", "model=rnn", "trainer.max_steps=2")
    steps = recorder.tables["fit"].query("seed == 0").groupby("sequence")["step"].max()
    assert set(steps) <= {6, 12, 13}


def test_nothing_has_to_be_trained() -> None:
    recorder = trained("experiment=post2/turnstile_machine")
    assert recorder.last("val/accuracy").tolist() == [1, 1]
    assert recorder.last("val/loss").max() < 1e-6
    assert "train/loss" not in recorder.metrics_at
    assert list(recorder.metrics_at["val/loss"]) == [0]
    assert len(recorder.tables["training_curves"]) == 2


def test_a_member_that_diverged_answers_nothing() -> None:
    recorder = trained(
        "task=turnstile",
        "model=relu_rnn",
        "optimizer=sgd",
        "optimizer.lr=1e12",
        "trainer.gradient_clip=null",
        "trainer.max_steps=20",
        "engine=stacked",
    )
    assert min(recorder.diverged_at) >= 0
    assert set(recorder.tables["fit"]["prediction"]) == {""}
    assert np.isnan(recorder.last("val/accuracy")).all()


def test_a_probe_that_looks_inside_needs_a_trace() -> None:
    overrides = ["model=mlp", "task=remember", "+probe@task.probes.states=states"]
    with pytest.raises(InvalidValue, match=r"task\.probes\.states"):
        build_experiment(plain_config(*overrides))
