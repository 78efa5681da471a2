"""Every side makes exactly the updates it is asked for, and populations record what a training does."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import torch

from seqprobe.bench.shapes import Shape, shape_experiment
from seqprobe.bench.sides import LAYERS, BareLoop, BareNetwork, CommonWay, Populations, Stopwatch, training_set
from seqprobe.config.compose import Plain
from seqprobe.learning.optimizers import SHAPE as CHECKED_SHAPE
from seqprobe.tracking.stores.embedded import EmbeddedStore

SHAPE = Shape("lstm", 2, 3, 4)
CPU = torch.device("cpu")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The optimizer of every step that was made, except those by which it is checked."""
    steps, module = list[str](), importlib.import_module(torch.optim.SGD.__module__)
    step = module.sgd

    def note_step(weights: list[torch.Tensor], *arguments: Any, **options: Any) -> None:
        steps.extend(["SGD"] if sum(one.numel() for one in weights) > math.prod(CHECKED_SHAPE) else [])
        step(weights, *arguments, **options)

    monkeypatch.setattr(module, "sgd", note_step)
    return steps


@pytest.fixture
def config(composed: Callable[..., Plain]) -> Plain:
    return composed("trainer.val_every=4", "trainer.log_every=2")


@pytest.mark.parametrize("updates", [2, 11])
@pytest.mark.parametrize("model", LAYERS)
def test_a_bare_loop_makes_its_updates(config: Plain, made: list[str], model: str, updates: int) -> None:
    assert BareLoop(config, Shape(model, 2, 3, 4), CPU).run(updates) > 0
    assert made == ["SGD"] * updates


@pytest.mark.parametrize("updates", [2, 11])
@pytest.mark.filterwarnings("ignore::UserWarning:pytorch_lightning")
@pytest.mark.filterwarnings("ignore::FutureWarning:pytorch_lightning")
def test_the_common_way_makes_its_updates_and_logs_them(
    config: Plain, made: list[str], tmp_path: Path, updates: int
) -> None:
    side = CommonWay(config, SHAPE, tmp_path / "common")
    assert side.run(updates) > 0
    assert side.run(updates) > 0
    assert made == ["SGD"] * updates * 2
    store = EmbeddedStore(str(tmp_path / "common"))
    runs = store.client().search_runs([store.experiment_id("common way")])
    assert len(runs) == 2


@pytest.mark.parametrize("engine", ["stacked", "looped"])
@pytest.mark.parametrize("updates", [2, 11])
def test_a_population_makes_its_updates(config: Plain, made: list[str], engine: str, updates: int) -> None:
    with ExitStack() as opened:
        assert Populations(config, SHAPE, 3, engine, opened).run(updates) > 0
    assert made == ["SGD"] * updates


def test_a_population_records_its_losses_in_the_store_it_was_given(config: Plain, tmp_path: Path) -> None:
    with ExitStack() as opened:
        Populations(config, SHAPE, 3, "stacked", opened).run(8)
        store = EmbeddedStore(str(tmp_path / "store"))
        client = store.client()
        runs = client.search_runs([store.experiment_id("amplitude")])
        assert {run.info.status for run in runs} == {"RUNNING"}
        for run in runs:
            history = {
                name: sorted(point.step for point in client.get_metric_history(run.info.run_id, name))
                for name in ("train/loss", "val/loss")
            }
            assert history == {"train/loss": [2, 4, 6, 8], "val/loss": [0, 4, 8]}
            assert {"val/loss", "val/rmse"} <= set(run.data.metrics)
    kinds = sorted(run.data.tags["seqprobe.kind"] for run in runs)
    assert kinds == ["population", "seed", "seed", "seed"]
    ended = client.search_runs([store.experiment_id("amplitude")])
    assert {run.info.status for run in ended} == {"FINISHED"}


def test_auto_chooses_once(config: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def seconds(populations: object, data: object) -> dict[str, float]:
        asked.append(1)
        return {"stacked": 2e-9, "looped": 1e-9}

    monkeypatch.setattr("seqprobe.learning.engine_choice.seconds_by_engine", seconds)
    with ExitStack() as opened:
        side = Populations(config, SHAPE, 2, "auto", opened)
        side.run(2)
        side.run(3)
    assert (side.name, side.seeds, side.engine, len(asked)) == ("auto", 2, "looped", 1)


def test_all_sides_learn_from_the_same_sequences(config: Plain) -> None:
    inputs, targets = training_set(shape_experiment(config, SHAPE, [0], "looped", 1).task)
    assert (inputs.shape, targets.shape, inputs.dtype) == ((400, 3, 1), (400, 1), torch.float32)
    bare = BareLoop(config, SHAPE, CPU)
    torch.testing.assert_close(bare.inputs, inputs, rtol=0, atol=0)
    torch.testing.assert_close(bare.targets, targets, rtol=0, atol=0)


@pytest.mark.parametrize("model", LAYERS)
def test_torchs_own_network_reads_the_last_step(model: str) -> None:
    network, inputs = BareNetwork(Shape(model, 2, 3, 4)), torch.randn(2, 3, 1)
    outputs = network(inputs)
    torch.testing.assert_close(outputs, network.readout(network.layer(inputs)[0][:, 2]))
    assert outputs.shape == (2, 1)


def test_a_stopwatch_adds_up_what_lies_between_start_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 13.0, 20.0, 24.5])
    monkeypatch.setattr("seqprobe.bench.sides.time.perf_counter", lambda: next(times))
    watch, module = Stopwatch(), torch.nn.Identity()
    module.device = CPU
    for _ in range(2):
        watch.on_train_start(None, module)
        watch.on_train_end(None, module)
    assert watch.seconds == 7.5
