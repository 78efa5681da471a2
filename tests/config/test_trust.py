"""A config names code of seqprobe, of torch and of the user's own --config-dir; all else takes trust=true."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from scripts import run_script

from seqprobe.checks import InvalidValue
from seqprobe.config.trust import check_trust
from seqprobe.run.serving import Member


@pytest.mark.parametrize(
    "target", ["seqprobe.models.cells.rnn.RNN", "torch.nn.Linear", "torch.nn.functional.relu", "torch.optim.Adam"]
)
def test_our_own_and_torchs_code_may_be_named(target: str) -> None:
    check_trust({"model": {"cell": {"_target_": target}}})


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
    ],
)
def test_other_code_may_not(target: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_trust({"task": {"probes": [{"a": {"_target_": target}}]}})
    assert refused.value.key == "task.probes[0].a._target_"
    if not target.startswith("seqprobe"):  # which has no such attribute at all
        assert "trust=true" in refused.value.allowed


def test_trust_true_allows_it_and_is_a_boolean() -> None:
    check_trust({"trust": True, "task": {"_target_": "os.getcwd"}})
    with pytest.raises(InvalidValue, match="trust=yes: must be true or false"):
        check_trust({"trust": "yes"})


def test_a_trusted_folders_modules_may_be_named_and_are_not_imported_for_it(tmp_path: Path) -> None:
    (tmp_path / "my_module.py").write_text("raise RuntimeError('imported')\n")
    node = {"task": {"_target_": "my_module.Task"}}
    check_trust(node, [tmp_path])
    assert "my_module" not in sys.modules


def test_code_that_is_refused_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stray_module.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidValue, match="stray_module"):
        check_trust({"task": {"_target_": "stray_module.Task"}})
    assert "stray_module" not in sys.modules


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


def test_a_model_from_elsewhere_runs_no_foreign_code(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    folder = tmp_path / "model" / "data" / "member"
    folder.mkdir(parents=True)
    planted = {"model": {"_target_": "os.mkdir", "path": str(mark)}, "sizes": {}}
    (folder / "network.json").write_text(json.dumps(planted))
    with pytest.raises(InvalidValue, match=r"model\._target_=os\.mkdir: is code outside"):
        Member(folder)
    assert not mark.exists()
