"""A probe of the user's own runs on untrained members before anything is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.evaluation.population_members import run_probe
from seqprobe.evaluation.probe_check import check_probes, untrained_members
from seqprobe.evaluation.summary import unanswered_lines
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.probes import NoAnswer, Probe, ProbeResult
from seqprobe.scoring import RMSE
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

TASK = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=5, train_size=20, val_size=5, batch_size=5)


class Mine(Probe):
    def __init__(self, made: Callable[..., ProbeResult], drawn: object = None) -> None:
        self.made, self.drawn = made, drawn

    def run(self, members: Any, task: Any, seeds: Any) -> ProbeResult:
        return self.made(members, seeds)

    def draw(self, result: ProbeResult, task: Any, title: str) -> Any:
        return {"none": None, "figure": Figure()}[str(self.drawn)]


def result(members: Any, seeds: Any) -> ProbeResult:
    outputs = members.predict(TASK.sample(3, torch.Generator().manual_seed(0)))
    assert outputs.shape == (len(seeds), 3, 1)
    return ProbeResult(["a"], {"rmse": np.abs(outputs).mean(1)})


def message(probe: Probe) -> str:
    with pytest.raises(InvalidValue) as caught:
        check_probes(experiment(probe))
    return str(caught.value)


def experiment(probe: Probe, seeds: tuple[int, ...] = (4,)) -> Experiment:
    def network(*sizes: Any) -> RecurrentNetwork:
        return RecurrentNetwork(*sizes, cell=RNN, hidden_size=3)

    settings = TrainerSettings(max_steps=2)
    return Experiment(TASK, network, lambda p: torch.optim.SGD(p), seeds, settings, {"mine": probe})


def test_results_errors_and_figures_are_refused() -> None:
    assert message(Mine(lambda *_: None)) == "probe mine: run gave None, expected a seqprobe.probes.ProbeResult"
    assert message(Mine(lambda *_: {}["x"])).startswith(f"probe mine: run failed: KeyError: 'x' ({__file__}, line ")
    assert message(Mine(result, "none")) == "probe mine: draw gave None, expected a Matplotlib figure"
    assert message(Mine(result, "other")).startswith(f"probe mine: draw failed: KeyError: 'other' ({__file__}, line ")


@pytest.mark.parametrize("seeds", [(4,), (1,), (0, 1, 2)])
def test_a_probe_that_is_right_is_tried_on_two_members(seeds: tuple[int, ...]) -> None:
    tried: list[list[int]] = []

    def made(members: Any, members_seeds: list[int]) -> ProbeResult:
        tried.append(members_seeds)
        return result(members, members_seeds)

    before = torch.get_rng_state()
    check_probes(experiment(Mine(made, "figure"), seeds))
    assert [len(set(few)) for few in tried] == [2]
    assert torch.equal(before, torch.get_rng_state())


class Positions(nn.Module):
    """A network with a weight for each position up to the task's longest sequences."""

    def __init__(self, input_size: int, output_size: int, kind: str, max_length: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.ones(max_length, output_size))

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return (inputs * self.weights[: inputs.shape[1]]).sum(1)

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        return {"weighted": inputs * self.weights[: inputs.shape[1]]}


class Longer(Probe):
    scores = (RMSE,)

    def __init__(self, looks_inside: bool = False) -> None:
        self.looks_inside = looks_inside

    def run(self, members: Any, task: Any, seeds: Any) -> ProbeResult:
        errors = []
        for steps in (4, 5, 6):
            batch = Batch(torch.ones(2, steps, 1), torch.ones(2, 1), torch.full((2,), steps))
            traced = members.trace(batch) if self.looks_inside else {}
            assert set(traced) <= {"weighted"}
            errors.append(np.abs(members.predict(batch) - 1).mean((1, 2)))
        return ProbeResult(["4", "5", "6"], {"rmse": np.stack(errors, 1)})


def probed(probe: Probe) -> ProbeResult:
    settings = TrainerSettings(max_steps=2)
    made = Experiment(TASK, Positions, lambda p: torch.optim.SGD(p), [0, 1], settings, {"longer": probe})
    check_probes(made)
    return run_probe(probe, untrained_members(made))


def test_what_a_network_cannot_answer_is_nan_and_said() -> None:
    result = probed(Longer())
    assert result.scores["rmse"].tolist() == pytest.approx(np.array([[3, 4, np.nan]] * 2), nan_ok=True)
    assert result.unanswered.startswith("6 steps: RuntimeError: The size of tensor a (6) must match")
    assert f"({__file__}, line " in result.unanswered
    assert unanswered_lines({"longer": result, "other": ProbeResult([], {})}) == [
        f"probe longer: no answer to {result.unanswered}"
    ]
    assert not result.is_missing


def test_a_probe_that_looks_inside_has_no_result() -> None:
    result = probed(Longer(looks_inside=True))
    assert result.is_missing
    assert result.main_metrics("longer", (RMSE,)) == result.all_scores("longer", (RMSE,)) == {}


def test_a_batch_that_does_not_fit_is_the_probes_fault() -> None:
    narrow = Batch(torch.ones(2, 5, 3), torch.ones(2, 1), torch.full((2,), 5))
    text = message(Mine(lambda members, seeds: members.predict(narrow)))
    assert text.startswith(
        "probe mine: run failed: ValueError: inputs (2, 5, 3) with lengths (2,), expected (n, time, 1)"
    )


class Unwilling(Probe):
    """A probe that cannot be asked."""

    def run(self, members: Any, task: Any, seeds: Any) -> ProbeResult:
        raise NoAnswer("it has no state")


def test_a_probe_may_have_no_answer_itself() -> None:
    result = probed(Unwilling())
    assert (result.unanswered, result.is_missing) == ("anything: it has no state", True)
