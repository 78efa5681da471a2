"""What determines a result changes its hash, and nothing else does."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from scripts import ROOT

from seqprobe import moved_names
from seqprobe.config.compose import plain_config
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.run import identity
from seqprobe.run.identity import canonical, lasting_name, population_identity, training_identity

SINE = ["task=sine", "model=lstm"]


def training(*overrides: str) -> str:
    return training_identity(plain_config(*SINE, *overrides))


def population(*overrides: str) -> str:
    plain = plain_config(*SINE, *overrides)
    return population_identity(plain, training_identity(plain))


MATTERS = [
    "task.points=50",
    "task.curve.amplitude=[0.1,0.5]",
    "task.batch_size=2",
    "model.hidden_size=9",
    "model=gru",
    "model.init=keras",
    "model.forget_bias=1",
    "optimizer.lr=0.02",
    "optimizer=sgd",
    "scheduler=cosine",
    "loss=mae",
    "trainer.max_steps=999",
    "trainer.val_every=7",
    "trainer.log_every=3",
    "trainer.gradient_clip=1",
    "trainer.precision=64-true",
    "trainer.reshuffle=false",
]
IRRELEVANT = [
    "engine=looped",
    "engine=stacked",
    "threads=2",
    "trainer.accelerator=cpu",
    "trainer.memory_gib=1",
    "rerun=true",
    "trainer.checkpoint_seconds=3",
    "tracking.dir=/elsewhere",
    "names.sweep=x",
    "trust=true",
    "tracking=server tracking.uri=http://127.0.0.1:9",
]
OF_THE_POPULATION = ["seeds=4", "seeds=[1,0]", "task.probes.amplitude.values=[0.1]", "~task.probes.phase"]
"""What only a population depends on: its members' trainings are taken over."""
EXPECTED = ("fa92d47997ad4792", "4e98e1309aeeeb1c")
"""Identities of members of the default LSTM and GRU."""


@pytest.mark.parametrize("override", MATTERS)
def test_what_matters_changes_both(override: str) -> None:
    assert training(override) != training()
    assert population(override) != population()


@pytest.mark.parametrize("override", IRRELEVANT)
def test_what_does_not_matter_changes_none(override: str) -> None:
    assert training(*override.split()) == training()
    assert population(*override.split()) == population()


@pytest.mark.parametrize("override", OF_THE_POPULATION)
def test_what_a_population_depends_on_changes_its_own_alone(override: str) -> None:
    assert training(override) == training()
    assert population(override) != population()


def test_the_same_said_otherwise_is_the_same() -> None:
    assert training("optimizer.lr=1") == training("optimizer.lr=1.0") == training("optimizer.lr=1e0")
    assert population("seeds=5") == population("seeds=[0,1,2,3,4]") == population()
    default = plain_config(*SINE)["trainer"]["max_steps"]
    assert training(f"trainer.val_every={default // 20}") == training()
    assert training("trainer.val_every=null") == training()
    assert training("optimizer.weight_decay=0") == training()


def test_a_preset_and_its_settings_share_trainings_but_not_their_runs() -> None:
    preset = plain_config("experiment=post2/remember")
    plain = plain_config("experiment=post2/remember")
    plain["names"] = {**plain["names"], "preset": None, "overrides": "spelt out"}
    assert training_identity(preset) == training_identity(plain)
    shared = training_identity(plain)
    assert population_identity(preset, shared) != population_identity(plain, shared)


def test_it_is_the_same_in_other_processes_and_folders(tmp_path: Path) -> None:
    code = """
import json
from seqprobe.config.compose import plain_config
from seqprobe.run.identity import population_identity, training_identity
plain = plain_config("task=sine", "model=lstm")
training = training_identity(plain)
print(json.dumps([training, population_identity(plain, training)]))
"""
    found = []
    for seed in ("1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")}
        said = subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=tmp_path, text=True)
        found.append(json.loads(said))
    assert found == [[training(), population()]] * 2


def test_an_argument_equal_to_its_default_is_as_if_it_were_not_there() -> None:
    spelt_out, silent = plain_config(*SINE), plain_config(*SINE)
    spelt_out["model"]["forget_bias"] = inspect.signature(RecurrentNetwork).parameters["forget_bias"].default
    silent["model"].pop("forget_bias", None)
    assert training_identity(spelt_out) == training_identity(silent)
    spelt_out["optimizer"]["weight_decay"] = 0
    assert training_identity(spelt_out) == training_identity(silent)
    spelt_out["optimizer"]["weight_decay"] = 0.1
    assert training_identity(spelt_out) != training_identity(silent)


def test_a_new_option_changes_nothing_until_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    before, original = training(), inspect.signature

    def with_an_option(target: Any) -> inspect.Signature:
        found = original(target)
        option = inspect.Parameter("option", inspect.Parameter.KEYWORD_ONLY, default=1)
        return found.replace(parameters=[*found.parameters.values(), option])

    monkeypatch.setattr(identity.inspect, "signature", with_an_option)
    plain = plain_config(*SINE)
    assert training_identity(plain) == before
    plain["model"]["option"] = 1.0
    assert training_identity(plain) == before
    plain["model"]["option"] = 2
    assert training_identity(plain) != before


def test_numerics_stands_for_our_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = training(), population()
    monkeypatch.setattr(identity, "NUMERICS", identity.NUMERICS + 1)
    assert training() != before[0]
    assert population() != before[1]


def test_a_class_that_moves_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before = training("model=gru")
    monkeypatch.setattr(GRU, "__module__", "seqprobe.elsewhere")
    assert training("model=gru") == before


def test_a_renamed_class_is_known_by_its_first_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(moved_names.CLASSES, "seqprobe.models.gru.GRU", "seqprobe.elsewhere.GatedUnit")
    renamed = type("GatedUnit", (), {"__module__": "seqprobe.elsewhere"})
    assert lasting_name(renamed, "seqprobe.elsewhere.GatedUnit") == lasting_name(GRU, "") == "seqprobe.GRU"
    assert lasting_name(torch.nn.Linear, "torch.nn.Linear") == "torch.nn.modules.linear.Linear"


def test_an_old_name_is_the_same() -> None:
    plain = plain_config(*SINE, "model=gru")
    plain["model"]["cell"]["_target_"] = "seqprobe.models.gru.GRU"
    assert training_identity(plain) == training("model=gru")


def test_a_members_identity_is_what_it_was() -> None:
    """It fails when users would train everything again: then either undo that, or say so and raise NUMERICS."""
    assert (training(), training("model=gru")) == EXPECTED


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"b": (1, 2.0), "a": [True, None, "x"]}, {"a": [True, None, "x"], "b": [1, 2]}),
        ([0.1, -3.0, 10**20, float("inf")], [0.1, -3, 10**20, float("inf")]),
        (SimpleNamespace, "SimpleNamespace"),
    ],
    ids=str,
)
def test_what_is_hashed(node: Any, expected: Any) -> None:
    assert json.dumps(canonical(node), sort_keys=True) == json.dumps(expected, sort_keys=True)
