"""Member s of a population is the run of seed s alone; engines agree; a run is reproducible to the bit."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from trainings import train

from seqprobe.batch import last_step
from seqprobe.learning.data import Order, PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.member import build_member
from seqprobe.seeds import generator
from seqprobe.tasks import Task
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine

OPTIMIZERS: dict[str, Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]] = {
    "SGD": partial(torch.optim.SGD, lr=0.1),
    "Adam": partial(torch.optim.Adam, lr=0.01),
}
each_cell = pytest.mark.parametrize("cell", [RNN, LSTM, GRU])
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *outcome: None)


def lines() -> Task:
    """Data that differ from seed to seed."""
    return NameParameters(
        "t", Line([0, 0.9], [0, 1]), ["slope", "intercept"], points=5, train_size=20, val_size=6, batch_size=8
    )


def run(
    cell: Any,
    engine: str,
    seeds: Sequence[int],
    optimizer: str = "SGD",
    task: Task | None = None,
    steps: int = 100,
    precision: str = "64-true",
) -> tuple[MemoryRecorder, TrainResult]:
    network = partial(RecurrentNetwork, cell=cell, hidden_size=4) if issubclass(cell, RNN | LSTM | GRU) else cell
    settings = TrainerSettings(steps, val_every=40, log_every=1, accelerator="cpu", precision=precision)
    experiment = Experiment(task or lines(), network, OPTIMIZERS[optimizer], seeds, settings, engine=engine)
    recorder = MemoryRecorder()
    return recorder, train(experiment, recorder)


def curve(recorder: MemoryRecorder) -> np.ndarray:
    """Training losses, ``(seeds, 100)``."""
    steps, losses = recorder.history("train/loss")
    assert steps.tolist() == list(range(1, 101))
    return losses


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@each_engine
@each_cell
def test_a_member_is_its_solo_run(cell: Any, engine: str, optimizer: str) -> None:
    together = curve(run(cell, engine, [0, 3, 7], optimizer)[0])
    assert len({round(loss, 9) for loss in together[:, 0]}) == 3
    for member, seed in enumerate([0, 3, 7]):
        (alone,) = curve(run(cell, engine, [seed], optimizer)[0])
        np.testing.assert_allclose(together[member], alone, rtol=1e-6, atol=0)


@pytest.mark.parametrize("task", [lines, partial(Reproduce, "t", Sine(), points=12)])
@each_cell
def test_engines_agree(cell: Any, task: Callable[[], Task]) -> None:
    stacked, looped = (run(cell, engine, [0, 3, 7], task=task()) for engine in ("stacked", "looped"))
    np.testing.assert_allclose(curve(stacked[0]), curve(looped[0]), rtol=1e-5, atol=0)
    weights = [result.population.weights for _, result in (stacked, looped)]
    torch.testing.assert_close(*weights, rtol=1e-5, atol=1e-5)
    assert stacked[0].metrics_at.keys() == looped[0].metrics_at.keys()


@each_engine
@each_cell
def test_a_run_is_a_plain_training_loop(cell: Any, engine: str) -> None:
    """Against the same network, trained by torch alone on the batches that the seed decides."""
    task, network = lines(), build_member(partial(RecurrentNetwork, 1, 2, "seq2vec", 5, cell, hidden_size=4), 7)
    data = task.sample(20, generator(7, "train_data"))
    network, expected = network.double(), []
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for indices in Order(7, 8, 20).indices(range(100)):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(network(data.inputs[indices], data.lengths[indices]), data.targets[indices])
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    (found,) = curve(run(cell, engine, [7])[0])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=0)
    assert np.mean(found[-10:]) < 0.7 * np.mean(found[:10])


@each_engine
def test_the_same_run_twice_gives_the_same_bits(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    first = run(LSTM, engine, [0, 3], "Adam")[0].metrics_at
    torch.manual_seed(2)
    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 7)
    second = run(LSTM, engine, [0, 3], "Adam")[0].metrics_at
    assert {name: {step: value.tolist() for step, value in at.items()} for name, at in first.items()} == {
        name: {step: value.tolist() for step, value in at.items()} for name, at in second.items()
    }


class Foreign(nn.Module):
    """A user's network of torch.nn layers, that knows nothing of populations."""

    def __init__(self, input_size: int, output_size: int, kind: str, max_length: int) -> None:
        super().__init__()
        self.gru, self.dense = nn.GRU(input_size, 5, batch_first=True), nn.Linear(5, output_size)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return self.dense(last_step(self.gru(inputs)[0], lengths))


@pytest.mark.parametrize("engine", ["looped", "auto"])
def test_any_module_trains_and_its_members_are_solo_runs(engine: str) -> None:
    recorder, result = run(Foreign, engine, [0, 3])
    assert (result.engine, recorder.shared["engine"]) == ("looped", "looped")
    together = curve(recorder)
    for member, seed in enumerate([0, 3]):
        np.testing.assert_allclose(together[member], curve(run(Foreign, engine, [seed])[0])[0], rtol=1e-6, atol=0)
    assert (together[:, -10:].mean(1) < 0.7 * together[:, :10].mean(1)).tolist() == [True, True]


def test_data_do_not_depend_on_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[PopulationData] = []

    def data(*args: Any, **settings: Any) -> PopulationData:
        built.append(PopulationData(*args, **settings))
        return built[-1]

    monkeypatch.setattr("seqprobe.learning.plan.PopulationData", data)
    for model, engine in [(Foreign, "looped"), (RNN, "stacked"), (GRU, "looped")]:
        run(model, engine, [0, 3], steps=1)
    first, *others = built
    assert len(others) == 2
    for data in others:
        for one, other in ((first.train, data.train), (first.val, data.val)):
            assert one.inputs.tolist() == other.inputs.tolist()
            assert one.targets.tolist() == other.targets.tolist()


@each_engine
@each_cell
@pytest.mark.parametrize("task", [lines(), Reproduce("r", Sine(), "xy", points=40)], ids=["lines", "sine"])
def test_a_member_is_its_solo_run_in_single_precision(cell: Any, engine: str, task: Task) -> None:
    together = curve(run(cell, engine, [0, 3, 7], "Adam", task, precision="32-true")[0])
    for member, seed in enumerate([0, 3, 7]):
        alone = curve(run(cell, engine, [seed], "Adam", task, precision="32-true")[0])[0]
        np.testing.assert_allclose(together[member], alone, rtol=1e-6, atol=0)
