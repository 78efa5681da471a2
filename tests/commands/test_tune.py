"""Tuning: wrong calls cost one line, every model has the same means, and trials stay out of comparisons."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, cast

import numpy as np
import pandas as pd
import pytest
from reports.members import population
from scripts import run_script

from seqprobe.commands import tuning_search
from seqprobe.commands.tuning_options import TuningOptions
from seqprobe.commands.tuning_plan import TunedModel, planned_models
from seqprobe.commands.tuning_report import TunedResult, print_budget, print_tuning
from seqprobe.commands.tuning_search import median_loss, search_settings
from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.selection import current_members
from seqprobe.reports.tuned_models import tuned_lines
from seqprobe.run.pool import JobResult
from seqprobe.run.request import Request
from seqprobe.run.study import Trial
from seqprobe.scoring import Tag
from seqprobe.tracking.run_frames import records
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store

SPACE = "space={optimizer.lr: [1e-4, 1, log], model.forget_bias: [0, 3]}"
SMALL = ["trainer.max_steps=40", "trials=2", "batch=2", "seeds=3", "retrain=5"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "space=null: must name settings, as in 'space={optimizer.lr: [1e-4, 1, log]}'"),
        (["space={optimizer.lr: [-1, 1]}"], "space.optimizer.lr=-1.0: must be > 0"),
        (["space={optimizer.foo: [0, 1]}"], "optimizer.foo: unknown key; allowed here: lr"),
        (["space={model.foo: [0, 1]}"], "model.foo: unknown key; allowed here: "),
        (["space={model.hidden_size: [4, 8]}"], "must be an integer >= 1; [low, high, int] draws whole numbers"),
        (["space={trainer.max_steps: [4, 8, int]}"], "is the budget, which is the same for all"),
        (["space={task.lag: [4, 8, int]}"], "space.task.lag=[4,8]: is no setting by which"),
        ([SPACE, "trials=0"], "trials=0: must be an integer >= 1"),
        ([SPACE, "rungs=[0.5,0.2]"], "rungs=[0.5,0.2]: must be a list of increasing shares"),
        ([SPACE, "model=foo"], "model=foo: must be one of "),
        ([SPACE, "foo=1"], "foo=1: unknown key"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_costs_one_line_and_nothing_else(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = f"tracking.dir={tmp_path / 'store'}"
    assert run_script("tune", ["task=remember", store, *arguments]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line
    assert not (tmp_path / "store").exists()


def planned(folder: Path, models: Sequence[str], *further: str) -> tuple[list[TunedModel], TuningOptions]:
    """The tunings of some models on the task remember."""
    store = f"tracking.dir={folder / 'store'}"
    options, others = TuningOptions.parse(
        [*SMALL, *([] if "space=" in " ".join(further) else [SPACE]), "task=remember", store, *further], None
    )
    return planned_models([[*others, f"model={model}"] for model in models], options, None), options


class Searched(NamedTuple):
    """A search of two models' settings, for which nothing was trained."""

    folder: Path
    models: list[TunedModel]
    options: TuningOptions
    requests: list[Request]
    trials: list[list[Trial]]


@contextmanager
def pretended_losses(requests: list[Request]) -> Iterator[None]:
    """Instead of being trained, requests are collected; their losses are least at a learning rate of 0.01."""

    def losses(of: Sequence[Request], run_all: Callable[..., Sequence[JobResult]]) -> list[float]:
        requests.extend(of)
        rates = [request.composition.config["optimizer"]["lr"] for request in of]
        return [float("inf") if rate > 0.3 else abs(np.log10(rate / 0.01)) for rate in rates]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning_search, "trained_losses", losses)
        yield


def no_training(requests: Sequence[Request]) -> list[JobResult]:
    raise AssertionError


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    folder, requests = tmp_path_factory.mktemp("tuned"), list[Request]()
    models, options = planned(folder, ["lstm", "gru"])
    with pretended_losses(requests):
        return Searched(folder, models, options, requests, search_settings(models, options, no_training))


def test_every_model_has_the_same_budget_and_what_it_has_of_the_space(
    searched: Searched, capsys: pytest.CaptureFixture[str]
) -> None:
    print_budget(searched.models, searched.options)
    assert capsys.readouterr().out.splitlines() == [
        "Each model: 2 trials, 2 with 1 seed and 10 updates, then 1 with 2 seeds and 20 updates, then 1 with 3 seeds "
        "and 40 updates",
        "model.forget_bias is left out for what lacks it: remember · gru · max_steps=40",
    ]
    assert [len(trials) for trials in searched.trials] == [2, 2]
    spent: dict[str, list[int]] = {}
    for request in searched.requests:
        updates = len(request.experiment.seeds) * request.experiment.trainer.max_steps
        spent.setdefault(request.composition.config["names"]["model"], []).append(updates)
    assert sorted(spent["lstm"]) == sorted(spent["gru"]) == [10, 10, 40, 120]
    assert {dimension.key for dimension in searched.models[1].space} == {"optimizer.lr"}


def test_trials_have_no_probes_and_are_marked(searched: Searched) -> None:
    model = searched.models[0]
    of_model = [request for request in searched.requests if request.composition.config["names"]["model"] == "lstm"]
    first, last = of_model[0], of_model[-1]
    assert not first.experiment.probes
    assert first.description.experiment == "remember tuning"
    assert first.description.tags[Tag.TRIAL] == f"{model.study_path.stem} 0"
    assert (list(last.experiment.seeds), last.experiment.trainer.max_steps) == ([0, 1, 2], 40)
    config = last.composition.config
    values = {"optimizer.lr": config["optimizer"]["lr"], "model.forget_bias": config["model"]["forget_bias"]}
    same = model.final_request(values, "s")
    assert same.identity.training_hash == last.identity.training_hash
    assert same.identity.population_hash != last.identity.population_hash
    assert (list(same.experiment.seeds), same.description.experiment) == ([3, 4, 5, 6, 7], "remember")
    tags = same.description.tags
    assert (tags.get(Tag.TRIAL), tags[Tag.TUNED], tags[Tag.SWEEP]) == (None, "2 trials", "s")
    assert set(same.experiment.probes) == set(model.base.experiment.probes) != set()


def test_the_same_command_repeats_nothing_and_more_trials_go_on(searched: Searched) -> None:
    requests: list[Request] = []
    with pretended_losses(requests):
        assert search_settings(searched.models, searched.options, no_training) == searched.trials
        assert requests == []
        models, options = planned(searched.folder, ["gru"], "space={optimizer.lr: [1e-4, 1, log]}", "trials=3")
        (trials,) = search_settings(models, options, no_training)
    assert models[0].study_path == searched.models[1].study_path
    assert trials[:2] == searched.trials[1]
    assert len(trials) == 3


def test_what_changes_the_trials_is_another_study(searched: Searched) -> None:
    model = searched.models[0]
    others = [
        dataclasses.replace(model.options, seeds=[0, 1]),
        dataclasses.replace(model.options, sampler_seed=1),
        dataclasses.replace(model.options, batch=3),
        dataclasses.replace(model.options, engine="looped"),
    ]
    paths = [dataclasses.replace(model, options=options).study_path for options in others]
    paths.append(dataclasses.replace(model, space=model.space[:1]).study_path)
    assert len({model.study_path, *paths}) == 6
    same = dataclasses.replace(model.options, trials=99, fresh_seeds=[7])
    assert dataclasses.replace(model, options=same).study_path == model.study_path


def test_the_best_setting_and_its_trials(searched: Searched, capsys: pytest.CaptureFixture[str]) -> None:
    trials = [
        Trial({"optimizer.lr": 0.9, "model.forget_bias": 1.0}, [float("inf")], False),
        Trial({"optimizer.lr": 0.0001, "model.forget_bias": 1.0}, [0.5, 0.25, 0.125], True),
        Trial({"optimizer.lr": 0.5, "model.forget_bias": 1.0}, [0.5], False),
    ]
    result = TunedResult(searched.models[0], trials, {3: 0.2, 4: 0.3, 5: float("inf")})
    assert result.setting == "optimizer.lr=0.0001 (at the edge of the space) model.forget_bias=1.0"
    assert (result.counts, result.fresh_text) == ("1 complete, 1 pruned, 1 diverged", "0.25 [0.2, 0.3] (1 diverged)")
    print_tuning([result, TunedResult(searched.models[0], trials[:1])])
    assert "every setting diverged" in capsys.readouterr().out


def test_a_diverged_seed_counts_as_infinitely_bad() -> None:
    outcomes = [(0.1, "solved"), (0.2, "diverged"), (0.3, "learned")]
    members = [
        StoredRun("r", "1", "FINISHED", 1, 2, {"seed": str(seed)}, {Tag.OUTCOME: outcome}, {"val/loss": loss})
        for seed, (loss, outcome) in enumerate(outcomes)
    ]
    assert median_loss(cast(Store, SimpleNamespace(search=lambda wanted: members)), "parent") == 0.3


def test_trials_are_no_records_of_a_store() -> None:
    tags = [{Tag.SWEEP: "s"}, {Tag.TRIAL: "x 0"}, {Tag.TRIAL: "x 1", Tag.SWEEP: "s"}]
    runs = [StoredRun(str(place), "1", "FINISHED", 1, 2, {}, of_run, {}) for place, of_run in enumerate(tags)]
    store = cast(Store, SimpleNamespace(search=lambda wanted: runs))
    assert [run.run_id for run in records(store, "population")] == ["0"]


def test_the_comparison_says_what_was_tuned() -> None:
    both = pd.concat(
        [
            population("lstm", {"val/rmse": [0.1] * 5}, tuned="30 trials"),
            population("gru", {"val/rmse": [0.2] * 5}, tuned="30 trials"),
        ]
    )
    (comparison,) = comparisons(current_members(both))
    assert tuned_lines(comparison) == ["gru and lstm: tuned, 30 trials each"]
    (comparison,) = comparisons(current_members(pd.concat([both, population("rnn", {"val/rmse": [0.3] * 5})])))
    assert tuned_lines(comparison) == ["gru and lstm: tuned, 30 trials each", "rnn: not tuned"]
    (comparison,) = comparisons(current_members(population("rnn", {"val/rmse": [0.3] * 5})))
    assert tuned_lines(comparison) == []
