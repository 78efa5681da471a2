"""Snapshots of a training are so many more members: the same results, from sequences that are drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from seqprobe.evaluation.population_members import PopulationMembers, run_probe
from seqprobe.evaluation.snapshot_members import population_at, run_on_snapshots
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.probes import Probe, ProbeResult
from seqprobe.probes.curve_probes import ReproductionProbe
from seqprobe.probes.inverse_probes import InverseGrid, InverseProbe
from seqprobe.probes.lag import Lag
from seqprobe.probes.map_probes import CurveMap
from seqprobe.probes.next_word import HeldOut
from seqprobe.probes.parameter_probe import ParameterProbe
from seqprobe.probes.probe import Members, by_member
from seqprobe.probes.turnstile_probes import TurnstileProbe
from seqprobe.tasks import Task
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line
from seqprobe.tasks.inverse import Inverse
from seqprobe.tasks.remember import Remember
from seqprobe.tasks.sentence import Sentence
from seqprobe.tasks.turnstile import Turnstile

LINE = Reproduce("line", Line([0.1, 0.9], [0, 1]), points=6)
TURNSTILE = Turnstile("turnstile", length=5)
PROBES: list[tuple[Task, Probe[Any]]] = [
    (LINE, ReproductionProbe(Line(intercept=0.5), "slope", [0.5, 1.5])),
    (LINE, CurveMap({"slope": [0.5, 2], "intercept": [0, 3, 4]})),
    (
        NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=6),
        ParameterProbe(Line(intercept=0.5), "slope", [0.1, 1.5]),
    ),
    (TURNSTILE, TurnstileProbe("length", [5, 9], 60)),
    (Inverse("inverse", [2, 3]), InverseProbe("noise", [0.1, 0.4], 20)),
    (Inverse("inverse", [2, 3]), InverseGrid()),
    (Remember("remember", lag=3), Lag([2, 5], 10)),
    (Sentence("sentence"), HeldOut(10)),
]


def untrained(task: Task, seeds: Sequence[int], engine: str = "stacked") -> PopulationMembers:
    settings = TrainerSettings(1, accelerator="cpu", precision="64-true")
    network = partial(RecurrentNetwork, cell=LSTM, hidden_size=4)
    experiment = Experiment(task, network, partial(torch.optim.SGD, lr=0.1), seeds, settings, engine=engine)
    return PopulationMembers(experiment, experiment.build_population(seeds, engine).double().eval(), engine)


def snapshots(members: PopulationMembers) -> list[np.ndarray]:
    """Weights at three moments; the second member had diverged by the last."""
    weights = members.population.weights.detach().numpy()
    return [weights * 2, weights / 3, np.where([[True], [False]], weights, np.nan)]


def parts(result: ProbeResult) -> dict[str, np.ndarray]:
    levels = {f"{measure} {role}": level for measure, by in result.levels.items() for role, level in by.items()}
    return {**result.scores, **result.overall, **result.arrays, **levels}


@pytest.mark.parametrize("engine", ["stacked", "looped"])
@pytest.mark.parametrize(("task", "probe"), PROBES)
def test_a_probe_measures_on_several_snapshots_what_it_measures_on_each(
    task: Task, probe: Probe[Any], engine: str
) -> None:
    members = untrained(task, [3, 0], engine)
    together = run_on_snapshots(probe, members, snapshots(members))
    for weights, result in zip(snapshots(members), together, strict=True):
        with population_at(members.population, weights):
            alone = run_probe(probe, members)
        assert (result.labels, result.bands, result.varied) == (alone.labels, alone.bands, alone.varied)
        assert parts(result).keys() == parts(alone).keys()
        for name, values in parts(result).items():
            np.testing.assert_array_equal(values, parts(alone)[name], name)


def test_sequences_are_drawn_once_for_all_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    posed, pose = list[int](), Turnstile.pose

    def counted(task: Turnstile, count: int, length: int, *rest: Any) -> Any:
        posed.append(length)
        return pose(task, count, length, *rest)

    monkeypatch.setattr(Turnstile, "pose", counted)
    members = untrained(TURNSTILE, [3, 0])
    run_on_snapshots(TurnstileProbe("length", [5, 9], 60), members, snapshots(members))
    assert posed == [5, 5, 9, 9]  # for two seeds each


def test_many_members_are_probed_snapshot_by_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.evaluation.snapshot_members.MEMBERS_AT_ONCE", 5)
    probed, run = list[int](), TurnstileProbe.run

    def counted(probe: TurnstileProbe, members: Members, task: Turnstile, seeds: Sequence[int]) -> ProbeResult:
        probed.append(len(seeds))
        return run(probe, members, task, seeds)

    monkeypatch.setattr(TurnstileProbe, "run", counted)
    members = untrained(TURNSTILE, [3, 0])
    assert len(run_on_snapshots(TurnstileProbe("length", [5], 60), members, snapshots(members))) == 3
    assert probed == [4, 2]


class OfUser(Probe[Task]):
    """A probe of a user's own, whose arrays may be anything."""

    def run(self, members: Members, task: Task, seeds: Sequence[int]) -> ProbeResult:
        return ProbeResult([], {"members": np.ones((len(seeds), 1))}, {"axis": np.arange(6)})


def test_a_probe_of_a_user_s_own_sees_one_snapshot_at_a_time() -> None:
    members = untrained(TURNSTILE, [3, 0])
    results = run_on_snapshots(OfUser(), members, snapshots(members))
    assert [result.scores["members"].shape for result in results] == [(2, 1)] * 3
    assert [result.arrays["axis"].tolist() for result in results] == [[0, 1, 2, 3, 4, 5]] * 3


def test_a_population_is_as_it_was_again_after_a_snapshot() -> None:
    members = untrained(LINE, [3, 0])
    population, batch, moments = members.population, LINE.sample(1, torch.Generator()), snapshots(members)
    last, answers = population.weights.tolist(), members.predict(batch)
    with population_at(population, moments[2]):
        assert np.isfinite(members.predict(batch)).all((1, 2, 3)).tolist() == [True, False]
    with population_at(population, moments[0]):
        assert population.weights[0].tolist() == moments[0][0].tolist() != last[0]
    assert population.weights.tolist() == last
    assert population.alive.tolist() == [True, True]
    np.testing.assert_array_equal(members.predict(batch), answers)


def test_what_a_seed_decides_is_computed_once_for_it() -> None:
    called = list[int]()

    def compute(seed: int) -> int:
        called.append(seed)
        return seed * seed

    assert by_member([3, 0, 3, 0, 5], compute) == [9, 0, 9, 0, 25]
    assert called == [3, 0, 5]
