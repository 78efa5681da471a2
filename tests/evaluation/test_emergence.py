"""Probes are put to members as they were at a few moments of their training, and these are as they are now after it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from trainings import train

from seqprobe.evaluation.emergence import drawn_updates
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.learning.snapshots import snapshot_updates
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.probes import Probe
from seqprobe.probes.inverse_probes import InverseProbe
from seqprobe.probes.parameter_probe import ParameterProbe
from seqprobe.probes.turnstile_probes import States, TurnstileProbe
from seqprobe.tasks import Task
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line
from seqprobe.tasks.turnstile import Turnstile

SLOPES = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=6, train_size=20, val_size=4, batch_size=8)
TURNSTILE = Turnstile("turnstile", length=5, train_size=20, val_size=4, batch_size=4)
SLOPE = {"slope": ParameterProbe(Line(intercept=0.5), "slope", [0.1, 1.5])}


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *outcome: None)


def experiment(task: Task, probes: Mapping[str, Probe], seeds: list[int], steps: int = 20) -> Experiment:
    settings = TrainerSettings(steps, val_every=8, log_every=3, accelerator="cpu", precision="64-true")
    network = partial(RecurrentNetwork, cell=LSTM, hidden_size=4)
    return Experiment(task, network, partial(torch.optim.Adam, lr=0.02), seeds, settings, probes, engine="stacked")


def trained(*args: Any) -> tuple[MemoryRecorder, TrainResult]:
    recorder = MemoryRecorder()
    return recorder, train(experiment(*args), recorder)


@pytest.mark.parametrize(
    ("max_steps", "val_every", "chosen"),
    [
        (1000, 50, [0, 50, 100, 150, 200, 350, 600, 1000]),
        (2000, 1, [0, 1, 4, 13, 45, 159, 563, 2000]),
        (20, 8, [0, 8, 16, 20]),
        (5, 8, [0, 5]),
        (0, 1, [0]),
    ],
)
def test_which_moments_are_kept(max_steps: int, val_every: int, chosen: list[int]) -> None:
    assert snapshot_updates(max_steps, val_every) == chosen


def test_a_moment_is_what_a_shorter_training_ends_with() -> None:
    whole = fit(experiment(SLOPES, {}, [3, 0]), MemoryRecorder())
    assert list(whole.snapshots) == [0, 8, 16, 20]
    for steps, weights in whole.snapshots.items():
        shorter = fit(experiment(SLOPES, {}, [3, 0], steps), MemoryRecorder())
        assert weights.tolist() == shorter.population.weights.tolist()


def test_a_probes_curve_is_what_shorter_trainings_found() -> None:
    told, result = trained(SLOPES, SLOPE, [3, 0])
    before = fit(experiment(SLOPES, {}, [3, 0]), MemoryRecorder())
    assert result.population.weights.tolist() == before.population.weights.tolist()
    for band in ("inside", "beyond"):
        assert list(told.metrics_at[f"probe/slope/{band}/rmse"]) == [0, 8, 16, 20]
    assert told.last("probe/slope/1.5/rmse").tolist() == told.last("probe/slope/beyond/rmse").tolist()  # the only one
    assert "probe/slope/1.5/rmse" not in told.metrics_at
    table = told.tables["snapshots"]
    assert list(table.columns) == ["seed", "update", "probe", "band", "metric", "score"]
    assert len(table) == 4 * 2 * 2 * 2
    for steps, scores in told.metrics_at["probe/slope/beyond/rmse"].items():
        shorter = trained(SLOPES, SLOPE, [3, 0], steps)[0]
        assert scores.tolist() == shorter.last("probe/slope/beyond/rmse").tolist()
        rows = table.query("update == @steps and metric == 'rmse' and band == 'beyond'")
        assert rows["score"].tolist() == scores.tolist()
        assert rows["seed"].tolist() == [3, 0]
        assert set(rows["probe"]) == {"slope"}


def test_a_member_that_had_diverged_by_then_has_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(*args: Any, **settings: Any) -> PopulationData:
        data = PopulationData(*args, **settings)
        data.train.targets[1, 11] = torch.nan
        return data

    monkeypatch.setattr("seqprobe.learning.plan.PopulationData", spoilt)
    told, result = trained(SLOPES, SLOPE, [3, 0])
    assert 0 <= result.diverged_at[1] < 8
    scores = told.metrics_at["probe/slope/inside/rmse"]
    assert [np.isfinite(scores[step]).tolist() for step in (0, 8, 16, 20)] == [[True, True], *[[True, False]] * 3]
    assert result.population.alive.tolist() == [True, False]
    assert result.population.weights.isfinite().all()


def test_values_that_are_left_out_leave_the_mean_alone() -> None:
    probes = {
        "length": TurnstileProbe("length", [5, 20, 3_000], 6_000),
        "coins": TurnstileProbe("coin_probability", [0.2]),
    }
    told = trained(TURNSTILE, {**probes, "states": States()}, [1], 8)[0]
    assert list(told.metrics_at["probe/length/inside/accuracy"]) == [0, 8]  # both have the same value there
    assert list(told.metrics_at["probe/length/far/accuracy"]) == [8]
    assert list(told.metrics_at["probe/coins/far/accuracy"]) == [0, 8]
    assert list(told.metrics_at["probe/states/readable"]) == [8]
    assert {"probe/length/3000/accuracy", "reference/probe/length/far/accuracy/constant"} <= set(told.scores)
    table = told.tables["snapshots"]
    assert set(table["probe"]) == {"length", "coins"}
    at_first = table.query("update == 0 and probe == 'length' and metric == 'accuracy'").set_index("band")["score"]
    assert at_first["inside"] == told.metrics_at["probe/length/inside/accuracy"][0]
    assert at_first["far"] != told.last("probe/length/far/accuracy")  # without the value 3000


def test_what_is_asked_during_training() -> None:
    cheaper = TurnstileProbe("length", [20, 2_000, 20_000]).during_training()
    assert isinstance(cheaper, TurnstileProbe)
    assert (cheaper.values, cheaper.steps) == ([20, 2_000], 4_000)
    assert TurnstileProbe("length", [3_000]).during_training() is None
    assert SLOPE["slope"].during_training() is SLOPE["slope"]
    noise = InverseProbe("noise", [0.1]).during_training()
    assert (type(noise).__name__, noise.values, noise.size) == ("InverseErrors", [0.1], 200)


def test_an_untrained_population_has_one_moment() -> None:
    told, result = trained(SLOPES, SLOPE, [4], 0)
    assert list(result.snapshots) == [0]
    assert told.tables["snapshots"]["update"].tolist() == [0] * 4
    assert list(told.metrics_at["probe/slope/inside/rmse"]) == [0]


def test_the_first_probe_is_drawn_at_a_few_moments() -> None:
    recorder, _ = trained(SLOPES, {**SLOPE, "again": SLOPE["slope"]}, [3, 0])
    assert list(recorder.snapshots) == [("probe during training/slope", step) for step in (0, 16, 20)]
    titles = [figure.get_suptitle() or figure.axes[0].get_title() for figure in recorder.snapshots.values()]
    assert [title.split(": ")[-1] for title in titles] == [f"probe slope after {step} updates" for step in (0, 16, 20)]


@pytest.mark.parametrize(
    ("updates", "drawn"),
    [([0, 50, 100, 150, 200, 350, 600, 1000], [0, 200, 1000]), ([0, 5], [0, 5]), ([7], [7])],
)
def test_which_moments_are_drawn(updates: list[int], drawn: list[int]) -> None:
    assert drawn_updates(updates) == drawn
