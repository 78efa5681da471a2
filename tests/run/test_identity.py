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
from scripts import ROOT

from seqprobe import seeds
from seqprobe.config.compose import plain_config
from seqprobe.learning import fit
from seqprobe.models import RecurrentNetwork, engines
from seqprobe.run import identity
from seqprobe.run.identity import canonical, cell_identity, training_identity

SINE = ["task=sine", "model=lstm"]


def training(*overrides: str) -> str:
    return training_identity(plain_config(*SINE, *overrides))


def cell(*overrides: str) -> str:
    return cell_identity(plain_config(*SINE, *overrides))


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
OF_THE_CELL = ["seeds=4", "seeds=[1,0]", "task.probes.amplitude.values=[0.1]", "~task.probes.phase"]
"""What only a population depends on: its members' trainings are taken over."""


@pytest.mark.parametrize("override", MATTERS)
def test_what_matters_changes_both(override: str) -> None:
    assert training(override) != training()
    assert cell(override) != cell()


@pytest.mark.parametrize("override", IRRELEVANT)
def test_what_does_not_matter_changes_none(override: str) -> None:
    assert training(*override.split()) == training()
    assert cell(*override.split()) == cell()


@pytest.mark.parametrize("override", OF_THE_CELL)
def test_what_a_population_depends_on_changes_its_cell_alone(override: str) -> None:
    assert training(override) == training()
    assert cell(override) != cell()


def test_the_same_said_otherwise_is_the_same() -> None:
    assert training("optimizer.lr=1") == training("optimizer.lr=1.0") == training("optimizer.lr=1e0")
    assert cell("seeds=5") == cell("seeds=[0,1,2,3,4]") == cell()
    default = plain_config(*SINE)["trainer"]["max_steps"]
    assert training(f"trainer.val_every={default // 20}") == training()
    assert training("trainer.val_every=null") == training()


def test_a_preset_and_its_settings_share_trainings_but_not_their_runs() -> None:
    preset = plain_config("experiment=post2/remember")
    plain = plain_config("experiment=post2/remember")
    plain["names"] = {**plain["names"], "preset": None, "overrides": "spelt out"}
    assert training_identity(preset) == training_identity(plain)
    assert cell_identity(preset) != cell_identity(plain)


def test_it_is_the_same_in_other_processes_and_folders(tmp_path: Path) -> None:
    code = """
import json
from seqprobe.config.compose import plain_config
from seqprobe.run.identity import cell_identity, training_identity
plain = plain_config("task=sine", "model=lstm")
print(json.dumps([training_identity(plain), cell_identity(plain)]))
"""
    found = []
    for seed in ("1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")}
        said = subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=tmp_path, text=True)
        found.append(json.loads(said))
    assert found == [[training(), cell()]] * 2


def test_a_default_in_the_code_counts_as_if_it_were_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    spelt_out = plain_config(*SINE)
    silent = plain_config(*SINE)
    default = inspect.signature(RecurrentNetwork).parameters["forget_bias"].default
    spelt_out["model"]["forget_bias"] = default
    del silent["model"]["forget_bias"]
    before = training_identity(silent)
    assert training_identity(spelt_out) == before
    original = inspect.signature

    def changed(target: Any) -> inspect.Signature:
        found = original(target)
        own = [p.replace(default=99.0) if p.name == "forget_bias" else p for p in found.parameters.values()]
        return found.replace(parameters=own)

    monkeypatch.setattr(identity.inspect, "signature", changed)
    assert training_identity(silent) != before
    assert training_identity(spelt_out) == before


def test_our_own_code_counts_where_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Path.read_bytes
    gru, lstm = training("model=gru"), training()

    def edited(path: Path) -> bytes:
        return original(path) + (b"# edited" if path.match("models/gru.py") else b"")

    with monkeypatch.context() as editing:
        editing.setattr(Path, "read_bytes", edited)
        assert training("model=gru") == gru  # what was loaded before goes on as it was
        editing.setattr(identity, "LOADED", {})
        assert training("model=gru") != gru
        assert training() == lstm
    monkeypatch.setattr(identity, "TRAINING", "the loop was edited")
    assert training() != lstm


def test_the_code_that_trains_is_all_there() -> None:
    names = {path.name for module in (fit, engines, seeds) for path in identity.sources(module)}
    assert {"fit.py", "module.py", "data.py", "losses.py", "callbacks.py", "settings.py", "plan.py"} <= names
    assert {"engines.py", "population.py", "member.py", "seeds.py"} <= names
    assert not {"pictures.py", "outcome.py"} & names  # which only draw


TASK = """
from seqprobe.tasks import Task
from my_numbers import SIZE

class Mine(Task):
    def __init__(self, size=SIZE):
        super().__init__("mine", 1, ("y",), "seq2seq", "mse", 5, size, 1, 1)

    def sample(self, n, generator):
        raise NotImplementedError
"""


def test_a_users_own_code_counts_with_what_it_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)

    def found(task: str, numbers: str, beside: str = "") -> str:
        for name, text in (("my_task", task), ("my_numbers", numbers), ("my_other", beside)):
            (tmp_path / f"{name}.py").write_text(text)
            sys.modules.pop(name, None)
        return training_identity({**plain_config(*SINE), "task": {"_target_": "my_task.Mine"}})

    first = found(TASK, "SIZE = 7\n")
    assert found(TASK, "SIZE = 7\n") == first
    assert found(TASK, "SIZE = 7\n", "unused = 1\n") == first
    assert found(TASK + "# changed\n", "SIZE = 7\n") != first
    assert found(TASK, "SIZE = 8\n") != first
    assert found(TASK, "SIZE = 7\nOTHER = [1]\n") != first  # a constant that nothing but its name connects
    later = TASK + "def later():\n    import my_other\n"
    assert found(later, "SIZE = 7\n", "a = 1\n") != found(later, "SIZE = 7\n", "a = 2\n")


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
