"""A probe of the user's own runs on untrained members before anything is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from seqprobe.checks import InvalidValue
from seqprobe.evaluation.probe_check import check_probes
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.probes import Probe, ProbeResult
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

TASK = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=5, train_size=20, val_size=5, batch_size=5)


class Mine(Probe):
    def __init__(self, made: Callable[..., Any], drawn: object = None) -> None:
        self.made, self.drawn = made, drawn

    def run(self, members: Any, task: Any, seeds: Any) -> ProbeResult:
        return self.made(members, seeds)  # type: ignore[no-any-return]

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
