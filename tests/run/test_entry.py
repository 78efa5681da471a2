"""The way in: what it prints, how light it is, what it leaves as it was, and the exit codes."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

import pytest
import yaml
from hydra.core.hydra_config import HydraConfig
from scripts import ROOT, run_script

from seqprobe.commands.train import train
from seqprobe.run import hydra_internals
from seqprobe.run.entry import run_command

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
GROUPS = sorted(folder.name for folder in CONF.iterdir() if folder.name != "hydra" and any(folder.rglob("*.yaml")))


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
    groups = ["task", "model", "optimizer", "scheduler", "loss", "trainer", "tracking"]
    assert list(config) == [*groups, "seeds", "engine", "threads", "rerun", "trust", "names"]
    assert config["seeds"] == [3, 7]
    assert config["optimizer"] == {"_target_": "torch.optim.SGD", "lr": 1.0, "momentum": 0.0, "weight_decay": 0.0}
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
    "arguments",
    [
        ["--config-dir", "mine", "task=sine", "seeds=2"],
        ["task=sine", "--config-dir=mine", "seeds=2"],
        ["task=sine", "seeds=2", "-cd", "mine"],
    ],
)
def test_options_may_stand_anywhere_and_a_config_dir_is_an_import_path(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    seen: list[object] = []
    assert run_command(lambda *given: seen.append(given), arguments) == 0
    assert seen == [(["task=sine", "seeds=2"], tmp_path / "mine")]
    assert sys.path[0] == str(tmp_path / "mine")


@pytest.mark.parametrize(
    ("option", "root", "meant"), [("--nam", "probe_run", "--name"), ("--multirn", "config", "--multirun")]
)
def test_an_unknown_option_is_met_by_one_of_the_commands(
    option: str, root: str, meant: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_command(lambda *given: None, [option], root) == 2
    assert capfd.readouterr().err.endswith(f"; did you mean {meant}?\n")


@pytest.mark.parametrize("option", ["--config-name=other", "--config-path=other", "--experimental-rerun=x.pickle"])
def test_options_that_replace_the_config_are_refused(option: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_command(lambda *given: None, [option]) == 2
    assert capfd.readouterr().err == f"error: {option}: this option is not supported\n"


def test_what_hydra_has_no_public_name_for_is_there() -> None:
    assert hydra_internals.__all__ == ["completed_job", "failed_job", "hydra_argument_parser"]
    options = hydra_internals.hydra_argument_parser().parse_args(["-m", "--config-dir", "mine", "task=sine"])
    assert (options.multirun, options.config_dir, options.overrides) == (True, "mine", ["task=sine"])
    assert hydra_internals.completed_job(("seeds=2",), 0.5).return_value == 0.5
    failed = hydra_internals.failed_job(("seeds=2",), ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        _ = failed.return_value


def test_nothing_else_uses_what_is_private_in_hydra() -> None:
    allowed = Path(hydra_internals.__file__)
    private = re.compile(r"hydra\._internal|hydra\.\w+\._|_return_value")
    assert [path for path in (ROOT / "src").rglob("*.py") if path != allowed and private.search(path.read_text())] == []


def test_a_users_own_task_is_found_beside_its_yaml(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "mine.yaml").write_text("# @package _global_\ntask: {_target_: my_task.Mine, name: mine}\n")
    assert run_script("train", ["--cfg", "job", "--config-dir", str(tmp_path), "task=mine"]) == 0
    assert yaml.safe_load(capfd.readouterr().out)["task"] == {"_target_": "my_task.Mine", "name": "mine"}


RESUME = "Interrupted. Run the same command to resume; finished runs are skipped.\n"


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (RuntimeError("it\nbroke"), 1, "error: AT: RuntimeError: it broke (set HYDRA_FULL_ERROR=1 for a traceback)\n"),
        (ValueError("no"), 1, "error: AT: ValueError: no (set HYDRA_FULL_ERROR=1 for a traceback)\n"),
        (KeyboardInterrupt(), 130, RESUME),
    ],
)
def test_what_fails_underway_ends_with_its_code(
    problem: BaseException, code: int, message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def command(overrides: Sequence[str], config_dir: Path | None) -> float:
        raise problem

    assert run_command(command, ["task=hill_y", f"tracking.dir={tmp_path}/store"]) == code
    printed = re.sub(rf"{re.escape(__file__)}, line \d+", "AT", capfd.readouterr().err)
    assert printed == message


def test_a_signals_exit_passes_through(tmp_path: Path) -> None:
    def command(overrides: Sequence[str], config_dir: Path | None) -> float:
        sys.exit(143)

    with pytest.raises(SystemExit) as caught:
        run_command(command, ["task=hill_y", f"tracking.dir={tmp_path}/store"])
    assert caught.value.code == 143


@pytest.mark.parametrize("before", [None, "0", "1"])
def test_hydras_variable_is_put_back(before: str | None) -> None:
    environment = {} if before is None else {"HYDRA_FULL_ERROR": before}
    with mock.patch.dict(os.environ, environment):
        if before is None:
            os.environ.pop("HYDRA_FULL_ERROR", None)
        assert run_command(train, ["model=foo"]) == 2
        assert os.environ.get("HYDRA_FULL_ERROR") == before
