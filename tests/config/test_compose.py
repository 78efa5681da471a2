"""Which file wins: preset over task over defaults, chosen files over all of them, and single overrides last."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from scripts import run_script

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import compose_config, plain_config

QUICK = "# A short training of my own, with a rare log.\nmax_steps: 12\nlog_every: 3\n"
GENTLE = "# Stochastic gradient descent of my own, with momentum.\ndefaults:\n  - sgd\n  - _self_\n\nmomentum: 0.5\n"
OWN_TASK = """# @package _global_
# A task of my own, which states a gradient clip and a number of steps.
defaults:
  - turnstile
  - _self_

trainer:
  max_steps: 77
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A --config-dir with a trainer, an optimizer and a task."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    for path, text in (("trainer/quick", QUICK), ("optimizer/gentle", GENTLE), ("task/gate", OWN_TASK)):
        file = tmp_path / "my conf" / f"{path}.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return tmp_path / "my conf"


def test_a_chosen_trainer_wins_over_the_task_and_keeps_what_it_does_not_state(mine: Path) -> None:
    trainer = compose_config(["task=turnstile", "trainer=quick"], mine).config["trainer"]
    assert (trainer["max_steps"], trainer["log_every"], trainer["gradient_clip"]) == (12, 3, 1.0)
    trainer = compose_config(["trainer=quick", "task=gate", "trainer.log_every=5"], mine).config["trainer"]
    assert (trainer["max_steps"], trainer["log_every"], trainer["gradient_clip"]) == (12, 5, 1.0)
    assert compose_config(["task=gate"], mine).config["trainer"]["max_steps"] == 77


def test_a_chosen_trainer_wins_over_a_preset(mine: Path) -> None:
    config = compose_config(["experiment=post1/rnn", "trainer=quick"], mine).config
    stated = {key: config["trainer"][key] for key in ("max_steps", "log_every", "val_every", "reshuffle")}
    assert stated == {"max_steps": 12, "log_every": 3, "val_every": 18, "reshuffle": False}
    assert config["optimizer"] == {"_target_": "torch.optim.SGD", "lr": 0.02, "momentum": 0.0, "weight_decay": 0.0}


def test_a_chosen_optimizer_wins_over_a_preset_and_single_overrides_over_both(mine: Path) -> None:
    adam = {"_target_": "torch.optim.Adam", "lr": 0.01, "weight_decay": 0.0, "fused": True}
    assert plain_config("experiment=post0/sine")["optimizer"]["lr"] == 1.0
    assert plain_config("experiment=post0/sine", "optimizer=adam")["optimizer"] == adam
    assert plain_config("optimizer=adam", "optimizer.lr=3", "experiment=post0/sine")["optimizer"] == {**adam, "lr": 3}
    gentle = {"_target_": "torch.optim.SGD", "lr": 0.1, "momentum": 0.5, "weight_decay": 0.0}
    assert compose_config(["optimizer=gentle", "experiment=post0/sine"], mine).config["optimizer"] == gentle


def test_what_is_not_chosen_changes_nothing() -> None:
    chosen = plain_config("task=turnstile", "trainer=default")
    assert (chosen["trainer"]["max_steps"], chosen["trainer"]["gradient_clip"]) == (1000, None)
    assert plain_config("task=turnstile")["trainer"]["gradient_clip"] == 1.0
    assert chosen["names"]["overrides"] == "trainer=default"


def test_the_config_that_is_shown_is_the_one_that_trains(mine: Path, capfd: pytest.CaptureFixture[str]) -> None:
    overrides = ["experiment=post0/sine", "trainer=quick", "optimizer=gentle", "optimizer.lr=0.25"]
    assert run_script("train", ["--cfg", "job", "--resolve", "--config-dir", str(mine), *overrides]) == 0
    shown = yaml.safe_load(capfd.readouterr().out)
    assert shown == compose_config(overrides, mine).config
    assert (shown["optimizer"]["lr"], shown["trainer"]["max_steps"]) == (0.25, 12)


def test_a_composition_knows_where_it_came_from(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine.parent)
    composition = compose_config(["task=gate", "tracking.dir=here"], "my conf")
    assert composition.config_dir == mine
    assert sys.path[0] == str(mine)
    assert composition.tracking_overrides == ["tracking.dir=here"]
    with pytest.raises(InvalidValue, match=r"^--config-dir=.*/nowhere: there is no such folder"):
        compose_config([], "nowhere")


def test_composing_leaves_a_running_hydra_as_it_was() -> None:
    before = GlobalHydra.instance().hydra, HydraConfig.instance().cfg
    plain_config("task=hill_y")
    assert (GlobalHydra.instance().hydra, HydraConfig.instance().cfg) == before


def test_null_leaves_out_what_a_task_chooses_and_only_then_is_part_of_the_name(mine: Path) -> None:
    scheduled = "# @package _global_\n# A schedule of its own.\ndefaults: [gate, override /scheduler: cosine, _self_]\n"
    (mine / "task" / "scheduled.yaml").write_text(scheduled)
    assert compose_config(["task=scheduled"], mine).config["scheduler"]["_target_"].endswith("CosineAnnealingLR")
    without = compose_config(["task=scheduled", "model=rnn", "scheduler=null"], mine).config
    assert (without["scheduler"], without["names"]["overrides"]) == (None, "scheduler=null")
    plain = plain_config("scheduler=null", "loss=null", "seeds=2")
    assert (plain["scheduler"], plain["loss"], plain["names"]["overrides"]) == (None, None, "")


def test_hydra_itself_takes_no_null(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_script("train", ["-m", "scheduler=null,cosine"]) == 2
    assert capfd.readouterr().err.startswith("error: scheduler=null,cosine: Hydra, which runs -m and --cfg, takes no")
