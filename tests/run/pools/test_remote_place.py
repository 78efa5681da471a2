"""A job on another machine refuses, in one line, what it does not see there."""

from __future__ import annotations

import dataclasses
import socket
import sys
from pathlib import Path

import pytest

import seqprobe
from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.pools import remote_place
from seqprobe.run.pools.remote_place import RemotePlace, throttle_progress

HOST = socket.gethostname()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RemotePlace:
    (tmp_path / "conf").mkdir()
    monkeypatch.chdir(tmp_path)
    return RemotePlace.of_command(Composition({"tracking": {"dir": str(tmp_path / "runs")}}, (), tmp_path / "conf"))


def test_the_same_folders_are_entered(place: RemotePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    monkeypatch.setattr(sys, "path", [])
    place.enter()
    assert Path.cwd() == tmp_path
    assert sys.path == [str(tmp_path / "conf")]
    assert place.version == seqprobe.__version__
    again = RemotePlace.of_command(Composition({"tracking": {"dir": str(tmp_path / "runs")}}, (), tmp_path / "conf"))
    assert again == place  # the folder has its id for good
    assert len(place.work_id) == 32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": "0.1"}, f"{HOST} has seqprobe {seqprobe.__version__}, and the command has 0.1"),
        (
            {"config_dir": Path("/no/conf")},
            f"--config-dir=/no/conf: {HOST} does not see this folder; use one that is shared",
        ),
        (
            {"work": Path("/no/runs/work")},
            f"tracking.dir=/no/runs: {HOST} does not see this folder; use one that is shared, or tracking=server",
        ),
        (
            {"directory": Path("/no/here")},
            f"/no/here: {HOST} does not see this working directory; call the command in one that is shared",
        ),
    ],
    ids=["version", "config_dir", "work", "directory"],
)
def test_what_is_not_shared_is_named(place: RemotePlace, change: dict[str, object], message: str) -> None:
    with pytest.raises(JobFailed) as refused:
        dataclasses.replace(place, **change).enter()  # type: ignore[arg-type]
    assert str(refused.value) == message


def test_another_folder_at_the_same_path_is_not_the_same_folder(place: RemotePlace, tmp_path: Path) -> None:
    (tmp_path / "runs/work/folder_id").write_text("of another machine")
    with pytest.raises(JobFailed, match=f"tracking.dir={tmp_path / 'runs'}: {HOST} does not see this folder"):
        place.enter()


def test_a_servers_store_needs_no_shared_folder(tmp_path: Path) -> None:
    tracking = {"uri": "http://there:5000", "dir": str(tmp_path / "mine")}
    place = RemotePlace.of_command(Composition({"tracking": tracking}))
    assert place.work is None
    place.enter()


def test_progress_is_reported_at_most_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 0.4, 0.9, 1.1, 1.1])
    monkeypatch.setattr(remote_place.time, "monotonic", lambda: next(clock))
    sent: list[tuple[object, ...]] = []
    send = throttle_progress(lambda *message: sent.append(message))
    for step in range(4):
        send("progress", step, 9, "")
        send("notice", f"line {step}")
    assert [message[1] for message in sent if message[0] == "progress"] == [0, 3]
    assert [message[1] for message in sent if message[0] == "notice"] == [f"line {step}" for step in range(4)]
