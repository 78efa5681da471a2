"""What a notebook defines becomes a module with all that it uses, or is refused with a line."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
import yaml
from hydra.errors import MissingConfigException

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import compose_config
from seqprobe.config.object_nodes import model_overrides, object_node, plain_value, task_overrides
from seqprobe.config.object_source import module_text, snake_case
from seqprobe.probes.curve_probes import ReproductionProbe
from seqprobe.run.messages import hydra_message
from seqprobe.tasks.curves import Sine

CELLS = [
    """
import torch
from torch import nn
from seqprobe.batch import Batch
from seqprobe.tasks import Task
from seqprobe.models import Cell
import math as m

SLOPES = [1.0, m.pi]
unused = object()

def ramp(length):
    return torch.arange(length) * SLOPES[0]

class Base(Task):
    def sample(self, n, generator):
        unused = ramp(self.max_length)
        inputs = torch.rand(n, self.max_length, 1, generator=generator, dtype=torch.float64)
        return Batch(inputs, inputs, torch.full((n,), self.max_length))
""",
    """
class Mine(Base):
    def __init__(self, name="mine", length=4, sizes=(1, 2)):
        super().__init__(name, 1, ("y",), "seq2seq", "mse", length, 8, 4, 4)

class Leaky(Cell):
    gates = ("candidate",)

    def step(self, blocks, hidden):
        return {"hidden": torch.lerp(hidden, blocks[0].tanh(), 0.1)}

layer = nn.Linear(1, 1)

class Trained(Base):
    def sample(self, n, generator):
        return layer

class Bare(Task):
    unit = "m"

def within():
    class Inner(Base):
        pass
    return Inner
""",
]

Notebook = Callable[[str], Any]


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """What a kernel's cells have defined, by its name."""
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    for number, cell in enumerate(CELLS):
        name = f"<cell {number}>"
        monkeypatch.setitem(linecache.cache, name, (len(cell), None, cell.splitlines(True), name))
        exec(compile(cell, name, "exec"), vars(main))
    return lambda name: getattr(main, name)


def test_a_module_has_what_its_class_uses_and_nothing_else(notebook: Notebook) -> None:
    text = module_text("task", notebook("Mine"))
    namespace: dict[str, Any] = {"__name__": "written"}
    exec(text, namespace)
    assert "unused = object" not in text
    assert "class Leaky" not in text
    batch = namespace["Mine"](length=3).sample(2, torch.Generator())
    assert batch.inputs.shape == (2, 3, 1)
    assert namespace["SLOPES"] == [1.0, 3.141592653589793]


def test_a_task_of_a_notebook_is_composed_as_one_of_a_folder(notebook: Notebook) -> None:
    overrides = task_overrides(notebook("Mine")(length=7))
    assert overrides == ["task=notebook_mine", "names.task=mine", "task.length=7"]
    config = compose_config([*overrides, *model_overrides(notebook("Leaky")), "model.hidden_size=3"]).config
    assert config["task"] == {"_target_": "notebook_mine.Mine", "name": "mine", "length": 7}
    assert config["model"]["cell"] == {"_target_": "notebook_leaky.Leaky", "_partial_": True}
    assert config["names"] | {"sweep": None} == {
        **{"task": "mine", "model": "leaky", "preset": None, "sweep": None, "trial": None, "tuned": None},
        "overrides": "model.hidden_size=3 task.length=7",
    }
    assert sys.modules["notebook_mine"].Mine().max_length == 4


def test_what_a_notebook_defines_is_no_choice_by_name(notebook: Notebook) -> None:
    task_overrides(notebook("Mine"))
    with pytest.raises(MissingConfigException) as refusal:
        compose_config(["task=foo"])
    assert "notebook_mine" in (refusal.value.options or [])
    message = hydra_message(refusal.value, ["task=foo"])
    assert message.startswith("task=foo: must be one of amplitude, hill_xy")
    assert "notebook" not in message


def test_an_object_of_seqprobe_is_stated_by_its_arguments() -> None:
    probe = ReproductionProbe(Sine(amplitude=[0.1, 0.3], frequency=10, phase=0), "amplitude", values=[0.5])
    assert yaml.safe_load(yaml.safe_dump(object_node("probe", probe))) == {
        "_target_": "seqprobe.probes.curve_probes.ReproductionProbe",
        "curve": {"_target_": "seqprobe.tasks.curves.Sine", "amplitude": [0.1, 0.3], "frequency": 10, "phase": 0},
        "vary": "amplitude",
        "values": [0.5],
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Trained", "task=layer: is a Linear of the notebook, which cannot be recorded: pass it as an argument"),
        ("Bare", "task=Bare: its source is unknown: define it in a notebook's cell or a file"),
    ],
)
def test_what_cannot_be_recorded_is_refused(notebook: Notebook, name: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        task_overrides(notebook(name))


def test_a_class_within_a_function_and_a_tensor_are_refused(notebook: Notebook) -> None:
    with pytest.raises(InvalidValue, match=r"^task=within.<locals>.Inner: cannot be recorded"):
        task_overrides(notebook("within")())
    with pytest.raises(InvalidValue, match=r"^task.length=Tensor: cannot be recorded"):
        plain_value("task.length", torch.zeros(1))


def test_names_of_classes_as_names_of_choices() -> None:
    assert [snake_case(name) for name in ("LeakyRNN", "GRU", "MyTask2")] == ["leaky_rnn", "gru", "my_task2"]
