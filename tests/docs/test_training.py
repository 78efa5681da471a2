"""Every example of docs/training.md runs as it stands there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from documents import examples, write_examples

from seqprobe.config.build import build_experiment
from seqprobe.config.compose import compose_config
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder

PAGE = "docs/training.md"
SHORT = ["task=slope_intercept", "model=rnn", "model.hidden_size=2", "task.probes=null", "seeds=2", "task.points=5"]
SHORT += ["trainer.max_steps=60", "trainer.log_every=1", "trainer.accelerator=cpu", "engine=stacked"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The page's files."""
    with pytest.MonkeyPatch.context() as patched:
        written = write_examples(PAGE, tmp_path_factory.mktemp("examples"))
        patched.syspath_prepend(str(written))
        yield written


def trained(folder: Path, *overrides: str) -> MemoryRecorder:
    """What a short training with the page's files records."""
    composition = compose_config([*SHORT, *overrides], folder)
    recorder = MemoryRecorder()
    fit(build_experiment(composition.config, folder), recorder)
    return recorder


def test_examples_are_complete() -> None:
    modules = ["inverse_root.py", "late.py", "lion.py"]
    choices = ["loss/late.yaml", "model/lstm_gru.yaml", "optimizer/lion.yaml"]
    choices += ["scheduler/hold_then_decay.yaml", "scheduler/inverse_root.yaml"]
    assert sorted(examples(PAGE)) == sorted([*modules, *choices])


def test_the_schedules_run(folder: Path) -> None:
    rates = trained(folder, "scheduler=inverse_root", "optimizer.lr=0.5").history("train/lr")[1][0]
    updates = np.arange(1, 61)
    np.testing.assert_allclose(rates, 0.5 * np.minimum(updates / 50, (50 / updates) ** 0.5), rtol=1e-12)
    rates = trained(folder, "scheduler=hold_then_decay", "optimizer.lr=0.5").history("train/lr")[1][0]
    np.testing.assert_allclose(rates, 0.5 * 0.99 ** np.maximum(updates - 21, 0), rtol=1e-12)


def test_the_optimizer_runs(folder: Path) -> None:
    losses = trained(folder, "optimizer=lion", "optimizer.lr=0.01").history("train/loss")[1]
    assert (losses[:, -10:].mean(1) < 0.8 * losses[:, :10].mean(1)).all()


def test_the_loss_runs(folder: Path) -> None:
    curve = ["task=sine", "task.points=5", "trainer.max_steps=1"]
    late, plain = (trained(folder, *curve, "loss=late", f"loss.last={last}") for last in (5, 1))
    assert (late.last("val/loss") > 1.1 * plain.last("val/loss")).all()
    assert plain.last("val/loss").tolist() == pytest.approx((plain.last("val/rmse") ** 2).tolist(), rel=1e-5)


def test_the_mixed_layers_run(folder: Path) -> None:
    composition = compose_config([*SHORT, "model=lstm_gru"], folder)
    network = build_experiment(composition.config, folder).build_network()
    assert [type(layer).__name__ for layer in network.layers] == ["LSTM", "GRU"]
