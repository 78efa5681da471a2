"""Names that configs and models were written with still name the same things."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
from scripts import ROOT

from seqprobe.config.build import split_probes
from seqprobe.config.targets import make, resolve_target
from seqprobe.models.cells.gru import GRU
from seqprobe.moved_names import CLASSES, MODULES, current_name, with_current_names
from seqprobe.probes import Probe
from seqprobe.run.identity import canonical

OLD_TARGETS = [
    "seqprobe.models.RecurrentNetwork",
    "seqprobe.models.gru.GRU",
    "seqprobe.models.lstm.LSTM",
    "seqprobe.models.lstm_graves.GravesLSTM",
    "seqprobe.models.lstm_peephole.PeepholeLSTM",
    "seqprobe.models.machines.Counter",
    "seqprobe.models.machines.TurnstileMachine",
    "seqprobe.models.mlp.MLP",
    "seqprobe.models.rnn.RNN",
    "seqprobe.models.rnn.ReLURNN",
    "seqprobe.probes.automaton.Automaton",
    "seqprobe.probes.curves.ReproductionProbe",
    "seqprobe.probes.inside.Concepts",
    "seqprobe.probes.inside.Phases",
    "seqprobe.probes.inverse.InverseGrid",
    "seqprobe.probes.inverse.InverseProbe",
    "seqprobe.probes.map.CurveMap",
    "seqprobe.probes.map.TurnstileMap",
    "seqprobe.probes.parameters.ParameterProbe",
    "seqprobe.probes.remember.Lag",
    "seqprobe.probes.sentence.HeldOut",
    "seqprobe.probes.sentence.NextWord",
    "seqprobe.probes.turnstile.Counting",
    "seqprobe.probes.turnstile.States",
    "seqprobe.probes.turnstile.TurnstileProbe",
    "seqprobe.tasks.curves.Hill",
    "seqprobe.tasks.curves.Line",
    "seqprobe.tasks.curves.NameParameters",
    "seqprobe.tasks.curves.Reproduce",
    "seqprobe.tasks.curves.Sine",
    "seqprobe.tasks.inverse.Inverse",
    "seqprobe.tasks.remember.Remember",
    "seqprobe.tasks.sentence.Sentence",
    "seqprobe.tasks.turnstile.Turnstile",
    "seqprobe.tracking.embedded.EmbeddedStore",
    "seqprobe.tracking.server.ServerStore",
]
"""Every ``_target_`` of seqprobe's that commit 43bda1e's conf/ named, and so stores and users' YAML may name.

Those of probes that are none any more are left out.
"""
OLD_IMPORTS = {
    "seqprobe.batch": ["Batch"],
    "seqprobe.models": ["Cell"],
    "seqprobe.models.cell": ["Cell"],
    "seqprobe.probes": ["Probe", "ProbeResult"],
    "seqprobe.probes.inside": ["Concepts", "Phases", "layer_states"],
    "seqprobe.tasks": ["Task"],
    "seqprobe.tasks.curves": ["Curve", "CurveTask", "NameParameters", "Reproduce", "Sine"],
    "seqprobe.config.serving": ["_load_pyfunc"],
}
"""What modules of users', or MLflow with a model's loader, import from it."""


@pytest.mark.parametrize("target", OLD_TARGETS)
def test_a_target_that_was_ever_in_conf_still_resolves(target: str) -> None:
    found = resolve_target("", target)
    assert isinstance(found, type)
    assert (
        f"{found.__module__}.{found.__qualname__}"
        == f"{resolve_target('', current_name(target)).__module__}.{found.__name__}"
    )


@pytest.mark.parametrize(("module", "names"), OLD_IMPORTS.items())
def test_what_others_import_is_still_there(module: str, names: list[str]) -> None:
    for name in names:
        assert callable(getattr(importlib.import_module(module), name))
    with pytest.raises(AttributeError, match=f"module '{module}|module '{MODULES.get(module)}"):
        importlib.import_module(module).nothing  # noqa: B018  looking it up raises


@pytest.mark.parametrize(("old", "new"), MODULES.items())
def test_both_names_give_one_module(old: str, new: str) -> None:
    module = importlib.import_module(new)
    assert importlib.import_module(old) is module
    assert (module.__name__, module.__spec__ and module.__spec__.name) == (new, new)


def test_users_imports_by_old_names_give_the_classes_of_today() -> None:
    code = """
import seqprobe.probes.inside
from seqprobe.tasks.curves import Reproduce
print(seqprobe.probes.inside.Phases.__module__, Reproduce.__module__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT / "src", check=True)
    assert done.stdout.split() == ["seqprobe.probes.gate_phases", "seqprobe.tasks.curve_tasks"]


def test_an_old_loader_is_imported_in_a_fresh_process() -> None:
    code = "import importlib; print(importlib.import_module('seqprobe.config.serving').__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT / "src", check=True)
    assert done.stdout.strip() == "seqprobe.run.serving"


def test_nothing_that_exists_is_called_an_old_name() -> None:
    names = {path.relative_to(ROOT / "src").with_suffix("") for path in (ROOT / "src" / "seqprobe").rglob("*.py")}
    modules = {".".join(name.parts) for name in names}
    assert not modules & set(MODULES)
    assert set(MODULES.values()) <= modules
    assert all(resolve_target("", new) for new in CLASSES.values())


def test_a_class_that_was_renamed_is_found_wherever_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLASSES, "seqprobe.models.gru.OldGRU", "seqprobe.models.cells.gru.GRU")
    node = {"cells": [{"_target_": "seqprobe.models.gru.OldGRU", "_partial_": True}]}
    assert with_current_names(node) == {"cells": [{"_target_": "seqprobe.models.cells.gru.GRU", "_partial_": True}]}
    assert make("cell", node["cells"][0]).func is GRU
    new = {"_target_": "seqprobe.models.cells.gru.GRU"}
    assert canonical({"_target_": "seqprobe.models.gru.OldGRU"}) == canonical(new)
    assert canonical({"_target_": "seqprobe.models.gru.GRU"}) == canonical(new)


def test_nested_nodes_may_have_old_names() -> None:
    curve = {"_target_": "seqprobe.tasks.curves.Sine", "frequency": 10}
    node = {"_target_": "seqprobe.probes.curves.ReproductionProbe", "curve": curve, "vary": "amplitude", "values": [1]}
    assert type(make("probe", node, Probe)).__module__ == "seqprobe.probes.curve_probes"


def test_a_probe_that_is_none_any_more_is_left_out() -> None:
    probes = {
        "information": {"_target_": "seqprobe.probes.inverse.InverseInformation", "most": 4},
        "grid": {"_target_": "seqprobe.probes.inverse.InverseGrid"},
    }
    assert split_probes({"name": "t", "probes": probes}) == ({"grid": probes["grid"]}, {"name": "t"})
