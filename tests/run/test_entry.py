"""The way in: what it prints, how light it is, what it leaves as it was, and the exit codes."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
import yaml
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from scripts import ROOT, run_script

from seqprobe.run.entry import put_config_dir_on_path, run

CONF = ROOT / "conf"
HEAVY = ["torch", "mlflow", "pytorch_lightning", "matplotlib", "pandas", "numpy"]
LOADED = """
import json, runpy, sys
script, *arguments = sys.argv[1:]
sys.argv = ["train.py", *arguments]
try:
    runpy.run_path(script, run_name="__main__")
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
HELP = yaml.safe_load((CONF / "hydra" / "help" / "seqprobe.yaml").read_text())["template"]
EXAMPLES = [line.strip() for line in HELP.splitlines() if line.strip().startswith("python ")]
GROUPS = sorted(folder.name for folder in CONF.iterdir() if folder.is_dir() and folder.name != "hydra")


@pytest.fixture(autouse=True)
def _process_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "argv", ["train.py"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    HydraConfig.instance().cfg = None


def calls(example: str) -> Iterator[list[str]]:
    """Every single run that an example line stands for."""
    _, script, *arguments = shlex.split(example)
    assert script == "pipelines/train.py"
    single = [argument for argument in arguments if argument != "-m"]
    swept = "-m" in arguments
    options = [[argument] if not swept else list(each_value(argument)) for argument in single]
    yield from map(list, itertools.product(*options))


def each_value(argument: str) -> Iterator[str]:
    key, _, values = argument.partition("=")
    yield from (f"{key}={value}" for value in values.split(","))


@pytest.mark.parametrize("arguments", [["--cfg", "job"], ["--help"]], ids=" ".join)
def test_looking_at_the_config_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    script = str(ROOT / "pipelines" / "train.py")
    ended = subprocess.run(
        [sys.executable, "-c", LOADED, script, *arguments], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert set(HEAVY) & set(json.loads(ended.stderr)) == set()
    assert list(tmp_path.iterdir()) == []


def test_cfg_job_prints_the_composed_config(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_script("train", ["--cfg", "job", "experiment=post0/sine", "model.hidden_size=3", "seeds=[3,7]"]) == 0
    said = capfd.readouterr()
    config = yaml.safe_load(said.out)
    assert said.err == ""
    groups = ["task", "model", "optimizer", "trainer", "tracking"]
    assert list(config) == [*groups, "seeds", "engine", "threads", "rerun", "trust", "names"]
    assert config["seeds"] == [3, 7]
    assert config["optimizer"] == {"_target_": "torch.optim.SGD", "lr": 1.0, "momentum": 0.0}
    assert (config["model"]["hidden_size"], config["model"]["readout"]) == (3, "recurrent")
    assert list(config["task"]["probes"]) == ["amplitude", "phase", "frequency", "lines", "lines_no_intercept", "map"]


def test_help_names_every_group_with_its_choices_and_every_example(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_script("train", ["--help"]) == 0
    said = capfd.readouterr()
    lines = [line.strip() for line in said.out.splitlines()]
    for group in GROUPS:
        for folder in {path.parent for path in (CONF / group).rglob("*.yaml")}:
            choices = ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))
            assert f"{folder.relative_to(CONF)}: {choices}" in lines
    explained = {line.split()[0] for line in HELP.splitlines() if line.startswith("  ") and line.strip()}
    assert set(GROUPS) - {"sweep"} <= explained
    assert len(EXAMPLES) >= 5
    assert set(EXAMPLES) <= set(lines)
    assert said.err == ""


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_in_the_help_composes(example: str, capfd: pytest.CaptureFixture[str]) -> None:
    for arguments in calls(example):
        assert run_script("train", ["--cfg", "job", *arguments]) == 0
        said = capfd.readouterr()
        config = yaml.safe_load(said.out)
        named = [value.partition("=")[2].rpartition("/")[2] for value in arguments]  # a preset is called as its task
        assert config["task"]["name"] in (*named, "sine")
        assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "added"),
    [
        (["--config-dir", "mine"], ["mine"]),
        (["task=sine", "--config-dir=mine", "seeds=2"], ["mine"]),
        (["-cd", "mine", "task=sine"], ["mine"]),
        (["task=sine", "model=lstm"], []),
    ],
)
def test_a_config_dir_is_an_import_path_too(
    arguments: list[str], added: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    put_config_dir_on_path(arguments)
    assert sys.path == [*[str(tmp_path / name) for name in added], *before]


def test_a_users_own_task_is_found_beside_its_yaml(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "mine.yaml").write_text("# @package _global_\ntask: {_target_: my_task.Mine, name: mine}\n")
    assert run_script("train", ["--cfg", "job", "--config-dir", str(tmp_path), "task=mine"]) == 0
    assert yaml.safe_load(capfd.readouterr().out)["task"] == {"_target_": "my_task.Mine", "name": "mine"}


def test_the_function_gets_the_checked_config_once(tmp_path: Path) -> None:
    seen: list[int] = []

    def function(config: DictConfig) -> float:
        seen.append(config.model.hidden_size)
        return 0.0

    assert run(function, ["task=hill_y", "model.hidden_size=3", f"tracking.dir={tmp_path}/store"]) == 0
    assert run(function, ["task=hill_y", "model.hidden_size=0", f"tracking.dir={tmp_path}/store"]) == 2
    assert seen == [3]
    assert list(tmp_path.iterdir()) == []


GO_ON = "interrupted; the same command goes on where this one was: what is finished is skipped\n"


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (RuntimeError("it\nbroke"), 1, "error: RuntimeError: it broke (HYDRA_FULL_ERROR=1 shows where)\n"),
        (ValueError("no"), 1, "error: ValueError: no (HYDRA_FULL_ERROR=1 shows where)\n"),
        (KeyboardInterrupt(), 130, GO_ON),
    ],
)
def test_what_fails_underway_ends_with_its_code(
    problem: BaseException, code: int, message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def function(config: DictConfig) -> float:
        raise problem

    assert run(function, ["task=hill_y", f"tracking.dir={tmp_path}/store"]) == code
    assert capfd.readouterr() == ("", message)


def test_a_signals_exit_passes_through(tmp_path: Path) -> None:
    def function(config: DictConfig) -> float:
        sys.exit(143)

    with pytest.raises(SystemExit) as caught:
        run(function, ["task=hill_y", f"tracking.dir={tmp_path}/store"])
    assert caught.value.code == 143


@pytest.mark.parametrize("before", [None, "0", "1"])
def test_hydras_variable_is_put_back(before: str | None) -> None:
    environment = {} if before is None else {"HYDRA_FULL_ERROR": before}
    with mock.patch.dict(os.environ, environment):
        if before is None:
            os.environ.pop("HYDRA_FULL_ERROR", None)
        assert run(lambda config: 0.0, ["model=foo"]) == 2
        assert os.environ.get("HYDRA_FULL_ERROR") == before
