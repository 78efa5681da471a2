"""An engine that a fork chooses is the training's, where there is nothing that decides it otherwise."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from documents import write_examples

from seqprobe.learning import lightning_trainer, plan
from seqprobe.learning.engine_choice import choose_engine
from seqprobe.models.engines import ENGINES
from seqprobe.run import early_choice as choice
from seqprobe.run.early_choice import chosen_engine, early_choice, is_chosen_early, no_choice
from seqprobe.run.job import run_job
from seqprobe.run.request import Request, compose

TINY = ["task=slope_intercept", "model=rnn", "model.hidden_size=3", "trainer.max_steps=4", "seeds=2"]


@pytest.fixture(autouse=True)
def _free_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "has_spare_core", lambda threads: threads < 2)


def tiny(folder: Path, *overrides: str) -> Request:
    return compose([*TINY, *overrides, f"tracking.dir={folder}"])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_a_fork_chooses_one_of_the_engines(tmp_path: Path) -> None:
    with early_choice(tiny(tmp_path)) as early:
        assert early() in ENGINES


def test_nothing_is_forked_for_what_is_decided(tmp_path: Path) -> None:
    assert is_chosen_early(tiny(tmp_path))
    assert not is_chosen_early(tiny(tmp_path, "engine=looped"))
    assert not is_chosen_early(tiny(tmp_path, "threads=2"))
    begun = tiny(tmp_path)
    begun.workspace.begin(rerun=False)
    assert not is_chosen_early(begun)
    with early_choice(begun) as early:
        assert early is no_choice


def test_a_users_code_is_not_called_in_a_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_examples("docs/extending.md", tmp_path)
    monkeypatch.syspath_prepend(folder)
    for chosen in (["task=running_mean", "model=rnn"], ["task=sine", "model=leaky_rnn"]):
        assert not is_chosen_early(compose([*chosen, f"tracking.dir={tmp_path}/store"], folder))


def test_a_population_with_much_data_draws_them_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = tiny(tmp_path)
    assert chosen_engine(request) in ENGINES
    monkeypatch.setattr(choice, "LARGEST", 1000)
    assert chosen_engine(request) is None


def test_a_fork_uses_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lightning_trainer, "training_device", lambda settings: torch.device("cuda", 0))
    assert chosen_engine(tiny(tmp_path)) is None


@pytest.mark.parametrize("engine", ["looped", "stacked"])
def test_a_training_takes_the_engine_that_was_chosen(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested = list[str]()

    def choose(engine: str, *arguments: object) -> str:
        requested.append(engine)
        return choose_engine(engine, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(plan, "choose_engine", choose)
    outcome = run_job(tiny(tmp_path, "task.probes={}"), early=lambda: engine)
    assert requested == [engine]
    assert engine in outcome.summary


def test_members_that_are_trained_already_decide_the_engine_of_the_others(tmp_path: Path) -> None:
    run_job(tiny(tmp_path, "task.probes={}"), early=lambda: "looped")
    more = compose([*TINY[:-1], "seeds=3", "task.probes={}", f"tracking.dir={tmp_path}"])
    assert "looped" in run_job(more, early=lambda: "stacked").summary
