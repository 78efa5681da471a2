"""Without trust a config names classes of the expected kinds and the user's own code; all else is not even imported."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from scripts import run_script

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import compose_config
from seqprobe.config.trust import check_trust
from seqprobe.run.serving import Member

GIT = {"_target_": "seqprobe.tracking.provenance.git", "_args_": ["-c", "alias.x=!touch mark", "x"]}
SINE = {"_target_": "seqprobe.tasks.curves.Sine"}


@pytest.mark.parametrize(
    ("key", "target"),
    [
        ("model", "torch.nn.Linear"),
        ("model", "seqprobe.models.RecurrentNetwork"),
        ("model", "seqprobe.models.mlp.MLP"),
        ("cell", "seqprobe.models.cells.rnn.RNN"),
        ("cell", "seqprobe.models.lstm.LSTM"),  # as an earlier version called it
        ("optimizer", "torch.optim.Adam"),
        ("task", "seqprobe.tasks.sentence.Sentence"),
        ("curve", "seqprobe.tasks.curves.Line"),
        ("tracking", "seqprobe.tracking.stores.embedded.EmbeddedStore"),
        ("tracking", "seqprobe.tracking.server.ServerStore"),
        ("measure", "seqprobe.reports.claims.metric_measures.FinalValue"),
        ("anything", "torch.optim.SGD"),
    ],
)
def test_classes_of_the_expected_kind_may_be_named(key: str, target: str) -> None:
    below = {"outer": {key: {"_target_": target}}} if key in ("cell", "curve", "anything") else {}
    check_trust(below or {key: {"_target_": target}})


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "subprocess.run",
        "builtins.eval",
        "torch.os.system",
        "torch.sys.exit",
        "numpy.load",
        "seqprobe.os.x",
        "torch.hub.load",
        "torch.load",
        "torch.jit.load",
        "torch.sys.path.insert",
        "torch.nn.functional.relu",  # a function
        "torch.nn.Module.apply",  # a method
        "torch.distributions.Normal",
        "torch.fx.GraphModule",
        "seqprobe.models.recurrent.torch.fx.GraphModule",  # what a module imports
        "seqprobe.learning.module.PopulationModule",
        "seqprobe.tracking.provenance.git",
        "seqprobe.run.workspace.Workspace.discard",
        "seqprobe.run.workspace.Workspace",
        "seqprobe.tasks.task.Path",
        "seqprobe.tracking.stores.embedded.EmbeddedStore.check",
        "hydra.utils.call",
        "hydra._internal.core_plugins.basic_launcher.BasicLauncher",  # a launcher is expected of Hydra's config alone
        "colorlog.ColoredFormatter",
    ],
)
def test_other_code_may_not(target: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_trust({"task": {"probes": [{"a": {"_target_": target}}]}})
    assert refused.value.key == "task.probes[0].a._target_"
    assert "trust=true" in refused.value.allowed or "cannot be imported" in refused.value.allowed


@pytest.mark.parametrize(
    ("key", "node"),
    [
        ("task", SINE),
        ("model", {"_target_": "torch.optim.Adam"}),
        ("optimizer", {"_target_": "torch.nn.Linear"}),
        ("tracking", {"_target_": "seqprobe.models.mlp.MLP"}),
        ("measure", SINE),
    ],
)
def test_a_class_of_another_kind_may_not(key: str, node: dict[str, Any]) -> None:
    with pytest.raises(
        InvalidValue,
        match=rf"{key}\._target_={node['_target_']}: (is code outside|must be a class of this kind).* trust=true",
    ):
        check_trust({key: node})


@pytest.mark.parametrize(
    "target", ["this:s", "this", "", ".os", "os..path", "a b", 3, None, ["os.system"], "os.system\n"]
)
def test_what_is_no_full_name_is_not_looked_up(target: object) -> None:
    with pytest.raises(InvalidValue, match=r"must be the full name of a class, such as torch\.optim\.Adam"):
        check_trust({"task": {"_target_": target}})
    assert "this" not in sys.modules


def test_arguments_are_stated_by_name() -> None:
    with pytest.raises(InvalidValue, match=r"task\.curve\._args_=\[1\]: arguments are stated by their names"):
        check_trust({"task": {"curve": {**SINE, "_args_": [1]}}})


def test_trust_true_allows_it_and_is_a_boolean() -> None:
    check_trust({"trust": True, "task": GIT})
    with pytest.raises(InvalidValue, match="trust=yes: must be true or false"):
        check_trust({"trust": "yes"})


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with modules, importable and trusted."""
    (tmp_path / "trusted_module.py").write_text(
        "import functools, os\nfrom os import system\nfrom seqprobe.models.cells.rnn import RNN\n"
        "def make(): pass\nclass Mine:\n    def method(self): pass\npart = functools.partial(make)\n"
    )
    (tmp_path / "json").mkdir()  # a folder as Python's own module, which wins
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "trusted_module", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["make", "Mine", "Mine.method", "part"])
def test_a_trusted_folders_own_code_may_be_named(name: str, mine: Path) -> None:
    check_trust({"model": {"cell": {"_target_": f"trusted_module.{name}", "_args_": [1]}}}, [mine])


def test_a_class_of_the_expected_kind_may_be_named_where_it_is_imported(mine: Path) -> None:
    check_trust({"model": {"cell": {"_target_": "trusted_module.RNN"}}}, [mine])


@pytest.mark.parametrize("target", ["trusted_module.os.system", "trusted_module.system", "json.load", "posix.system"])
def test_what_its_modules_import_is_not_its_own(target: str, mine: Path) -> None:
    with pytest.raises(InvalidValue, match=r"is code outside"):
        check_trust({"task": {"_target_": target}}, [mine])


def test_code_that_is_refused_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stray_module.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidValue, match="stray_module"):
        check_trust({"task": {"_target_": "stray_module.Task"}})
    assert "stray_module" not in sys.modules


def test_code_that_exits_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exiting_module.py").write_text("raise SystemExit(0)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidValue, match=r"exiting_module\.Task: its code ends the process"):
        check_trust({"task": {"_target_": "exiting_module.Task"}}, [tmp_path])


@pytest.mark.parametrize("key", ["task", "model", "optimizer", "tracking", "task.curve"])
def test_the_command_refuses_it_in_one_line(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    mark = tmp_path / "mark"
    override = f"{key}._target_=os.mkdir"
    assert run_script("train", [override, f"+{key}.path={mark}"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith(f"error: {override}: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "model",
    [
        {"_target_": "os.mkdir", "path": "mark"},
        GIT,
        {"_target_": "seqprobe.models.RecurrentNetwork", "_partial_": True, "cell": GIT},
        {"_target_": "seqprobe.models.RecurrentNetwork", "_partial_": True, "cell": [{"a": GIT}]},
    ],
)
def test_a_model_from_elsewhere_runs_no_foreign_code(
    model: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "model" / "data" / "member"
    folder.mkdir(parents=True)
    (folder / "network.json").write_text(json.dumps({"model": model, "sizes": {}}))
    with pytest.raises(InvalidValue, match=r"model.*\._target_=.*: is code outside"):
        Member(folder)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("+hydra.callbacks.x={_target_: seqprobe.tracking.provenance.git}", "hydra.callbacks.x._target_"),
        ("+hydra.callbacks.x={_target_: os.system}", "hydra.callbacks.x._target_"),
        ("hydra.launcher._target_=os.system", "hydra.launcher._target_"),
        ("+hydra.sweeper.sampler={_target_: os.system}", "hydra.sweeper.sampler._target_"),
        ("+hydra.job_logging.handlers.x={class: os.system, command: touch mark}", "hydra.job_logging.handlers.x.class"),
        ("+hydra.hydra_logging.formatters.x.class=logging.os.system", "hydra.hydra_logging.formatters.x.class"),
        ("hydra.searchpath=[pkg://this]", "hydra.searchpath"),
    ],
)
def test_hydra_runs_no_foreign_code(override: str, named: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        compose_config([override, "task=hill_y"])
    assert refused.value.key == named


def test_hydras_own_callbacks_and_logging_may_be_named() -> None:
    callback = "+hydra.callbacks.x._target_=hydra.experimental.callbacks.LogJobReturnCallback"
    compose_config([callback, "hydra/job_logging=default", "hydra/launcher=basic", "task=hill_y"])


def test_hydra_is_not_started_with_foreign_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    override = "+hydra.callbacks.x={_target_: seqprobe.tracking.provenance.git}"
    assert run_script("train", ["-m", "task=hill_y", override, f"tracking.dir={tmp_path}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: hydra.callbacks.x._target_=seqprobe.tracking.provenance.git: is code outside")
    assert list(tmp_path.iterdir()) == []
