"""Engine auto takes the faster one, and timing leaves no trace in the result."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from trainings import train

from seqprobe.checks import InvalidValue
from seqprobe.learning import engine_choice as engines
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import LoopedPopulation, Population, RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.probes.curve_probes import ReproductionProbe
from seqprobe.scoring import ACCURACY, MAE, RMSE_SETTLED, Score
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

TASK = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=9, val_size=5, batch_size=4)
NETWORK = partial(RecurrentNetwork, cell=LSTM, hidden_size=3)


class Foreign(nn.Linear):
    """A module that does not state that it can be stacked."""

    def __init__(self, *sizes: Any) -> None:
        super().__init__(1, 1)


def experiment(engine: str = "auto", **parts: Any) -> Experiment:
    trainer = TrainerSettings(10, val_every=5, log_every=1, accelerator="cpu", precision="64-true")
    optimizer = partial(torch.optim.SGD, lr=0.1)
    given = {"task": TASK, "network": NETWORK, "optimizer": optimizer, "trainer": trainer, **parts}
    return Experiment(seeds=[0, 3], engine=engine, **given)


def chosen(engine: str, network: Any) -> str:
    data = PopulationData(TASK, [0, 3], 10, 5, 50)
    return engines.choose_engine(engine, partial(network, 1, 1, "seq2vec", 4), [0, 3], data, torch.device("cpu"))


@pytest.mark.parametrize("fast", ["stacked", "looped"])
def test_auto_takes_what_was_faster(fast: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(population: Population, data: PopulationData) -> float:
        name = "looped" if isinstance(population, LoopedPopulation) else "stacked"
        return 1.0 if name == fast else 2.0

    monkeypatch.setattr(engines, "training_seconds", seconds)
    assert chosen("auto", NETWORK) == fast


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_auto_times_the_precision_that_is_used(dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    timed = list[torch.dtype]()
    training_seconds = engines.training_seconds

    def seconds(population: Population, data: PopulationData) -> float:
        timed.append(population.weights.dtype)
        return training_seconds(population, data)

    monkeypatch.setattr(engines, "training_seconds", seconds)
    data = PopulationData(TASK, [0, 3], 10, 5, 50, dtype)
    engines.choose_engine("auto", partial(NETWORK, 1, 1, "seq2vec", 4), [0, 3], data, torch.device("cpu"))
    assert len(timed) == 2 * (1 + engines.TRIALS)
    assert set(timed) == {dtype}


@pytest.mark.parametrize("engine", ["stacked", "looped"])
def test_an_engine_that_is_asked_for_is_taken(engine: str) -> None:
    assert chosen(engine, NETWORK) == engine


def test_what_cannot_be_stacked_is_looped_or_refused() -> None:
    assert chosen("auto", Foreign) == "looped"
    with pytest.raises(InvalidValue, match=r"^engine=stacked"):
        chosen("stacked", Foreign)


def test_timing_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *outcome: None)
    recorder = MemoryRecorder()
    result = train(experiment("auto"), recorder)
    asked = MemoryRecorder()
    train(experiment(result.engine), asked)
    assert recorder.shared["engine"] == result.engine
    assert recorder.shared["parameters"] == 4 * (3 + 9 + 3) + 4
    for name, at in asked.metrics_at.items():
        assert [value.tolist() for value in recorder.metrics_at[name].values()] == [v.tolist() for v in at.values()]


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"engine": "fastest"}, "engine"),
        ({"engine": "stacked", "network": Foreign}, "engine"),
        ({"probes": {"p": ReproductionProbe(Line(), "slope", [1])}}, "_target_"),
    ],
)
def test_check_names_the_key(parts: dict[str, Any], key: str) -> None:
    experiment().check()
    with pytest.raises(InvalidValue) as refused:
        experiment(**parts).check()
    assert refused.value.key == key


@pytest.mark.parametrize("score", [Score("share_right", "higher"), ACCURACY, RMSE_SETTLED])
def test_a_main_score_that_is_not_measured_is_refused(score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NameParameters, "settled_mask", lambda task: None)
    monkeypatch.setattr(NameParameters, "main_score", score)
    with pytest.raises(InvalidValue) as refused:
        experiment().check()
    allowed = "must be one of the scores that are measured in validation: loss, rmse; Task.measures adds others"
    assert str(refused.value) == f"task main_score={score.name}: {allowed}"


def test_a_main_score_that_is_well_known_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NameParameters, "main_score", MAE)
    experiment().check()


def test_a_main_score_that_is_measured_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NameParameters, "settled_mask", lambda task: torch.ones(4, 1, dtype=torch.bool))
    monkeypatch.setattr(NameParameters, "main_score", RMSE_SETTLED)
    experiment().check()
