"""A request is composed and built once, and again only in another process."""

from __future__ import annotations

import pickle
import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from scripts import run_script

from seqprobe.checks import InvalidValue
from seqprobe.learning.experiment import Experiment
from seqprobe.run import identity, request
from seqprobe.run.request import build_request, compose, compose_all
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.server import ServerStore

FAST = ["task=slope_intercept", "model=rnn", "model.hidden_size=3", "trainer.max_steps=4", "seeds=2", "engine=stacked"]


def test_everything_is_built_once_in_the_process_that_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[str] = Counter()

    def count(name: str, original: Any) -> Any:
        def counting(*arguments: Any, **named: Any) -> Any:
            counts[name] += 1
            return original(*arguments, **named)

        return counting

    for name in ("compose_config", "build_experiment", "build_store", "run_identity", "describe"):
        monkeypatch.setattr(request, name, count(name, getattr(request, name)))
    monkeypatch.setattr(identity, "training_settings", count("training_settings", identity.training_settings))
    for kind in (Experiment, EmbeddedStore):
        monkeypatch.setattr(kind, "__init__", count(kind.__name__, kind.__init__))
    assert run_script("train", [*FAST, f"tracking.dir={tmp_path}"]) == 0
    assert set(counts.values()) == {1}
    assert len(counts) == 8


def test_a_composition_rebuilds_the_same_request_elsewhere(tmp_path: Path) -> None:
    first = compose([*FAST, f"tracking.dir={tmp_path}"])
    second = build_request(pickle.loads(pickle.dumps(first.composition)))
    assert (second.identity, second.workspace, second.description) == (
        first.identity,
        first.workspace,
        first.description,
    )
    assert (second.name, second.command) == (first.name, first.command)
    assert second.name.startswith("slope_intercept · rnn · ")
    assert second.experiment.seeds == [0, 1]
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_a_list_names_the_run() -> None:
    with pytest.raises(InvalidValue, match=r"^task=hill_y model.hidden_size=0: model.hidden_size=0: "):
        compose_all([["task=hill_y"], ["task=hill_y", "model.hidden_size=0"]])


def test_all_configs_are_composed_before_the_first_request_is_built() -> None:
    prepared = list[list[str]]()
    with pytest.raises(InvalidValue, match=r"^model.hidden_size=0: "):
        compose_all(
            [["model.hidden_size=0"], ["task=sine"]],
            prepare=lambda compositions: prepared.append([each.config["names"]["task"] for each in compositions]),
        )
    assert prepared == [["sine", "sine"]]


def test_a_sweep_is_not_one_request() -> None:
    with pytest.raises(InvalidValue, match=r"^sweep=post0: needs several runs"):
        compose(["sweep=post0"])


def test_a_users_folder_travels_with_the_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "task").mkdir()
    (tmp_path / "request_task.py").write_text(
        "from seqprobe.tasks.curve_tasks import Reproduce\n\n\nclass Mine(Reproduce):\n    pass\n"
    )
    (tmp_path / "task" / "mine.yaml").write_text(
        "# @package _global_\ndefaults:\n  - hill_y\n  - _self_\ntask: {_target_: request_task.Mine}\n"
    )
    mine = compose(["task=mine", f"tracking.dir={tmp_path}/store"], tmp_path)
    assert type(mine.experiment.task).__module__ == "request_task"
    script, *options = shlex.split(mine.command)[1:]
    assert script.endswith("train.py")
    assert options == ["--config-dir", str(tmp_path), "task=mine", f"tracking.dir={tmp_path}/store"]
    assert list(mine.description.modules) == ["request_task.py"]
    with pytest.raises(InvalidValue, match="is code outside"):
        build_request(type(mine.composition)(mine.composition.config, ["task=mine"]))


@pytest.mark.parametrize("is_file", [True, False])
def test_with_a_server_the_own_folder_is_checked_before_anything_is_written(
    is_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's folder, or a file: journals and checkpoints could not be written there."""
    monkeypatch.setattr(ServerStore, "check", lambda store: None)
    folder = tmp_path / "mlruns"
    if is_file:
        folder.touch()
    else:
        monkeypatch.setattr("seqprobe.run.workspace.writable", lambda folder: False)
    expected = f"tracking.dir={folder}: must be a folder that can be written: {folder if is_file else tmp_path} is not"
    with pytest.raises(InvalidValue) as refused:
        compose([*FAST, "tracking=server", "tracking.uri=http://127.0.0.1:9", f"tracking.dir={folder}"])
    assert str(refused.value) == expected
