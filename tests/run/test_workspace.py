"""A population's place: locked by one process at a time, begun once, and found again after an interruption."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from chaos.claiming import Other

from seqprobe.run.member_locks import locked_members
from seqprobe.run.workspace import Workspace
from seqprobe.tracking.journal.journal import Journal


def workspace(work: Path, training: str = "t", identity: str = "0123456789abcdef") -> Workspace:
    return Workspace(work, work / identity, training, [2, 5])


def test_members_have_one_process_at_a_time(tmp_path: Path) -> None:
    with Other(tmp_path, [7, 3]) as other:
        assert other.ours.recv() is True
        for seeds, free in (([3], False), ([1, 7], False), ([1, 2, 4], True), ([2**62 + 9], True)):
            with locked_members(tmp_path, "t", seeds, None) as got:
                assert got is free
        with locked_members(tmp_path, "another", [3, 7], None) as got:
            assert got


def test_members_have_one_thread_at_a_time(tmp_path: Path) -> None:
    notices, results = list[str](), list[bool]()
    waits = threading.Event()

    def notice(text: str) -> None:
        notices.append(text)
        waits.set()

    def wait() -> None:
        with locked_members(tmp_path, "t", [3], notice) as got:
            results.append(got)

    with locked_members(tmp_path, "t", [3], None) as got:
        assert got
        with locked_members(tmp_path, "t", [3], None) as second:
            assert not second
        with Other(tmp_path, [3]) as other:  # closing the second did not release what the first holds
            assert "another process" in other.ours.recv()
        thread = threading.Thread(target=wait)
        thread.start()
        assert waits.wait(60)
        assert results == []
    thread.join()
    assert (notices, results) == (["another thread of this process is training: waiting until it ends"], [True])


def test_one_waits_for_another_and_says_so(tmp_path: Path) -> None:
    with Other(tmp_path, [3]) as first:
        assert first.ours.recv() is True
        with Other(tmp_path, [1, 3]) as second:
            assert second.ours.recv() == "another process is training some of these members: waiting until it ends"
            assert not second.ours.poll(0.3)
            first.ours.send("let go")
            assert second.ours.recv() is True


def test_a_process_that_dies_lets_go(tmp_path: Path) -> None:
    with Other(tmp_path, [3]) as other:
        assert other.ours.recv() is True
        other.process.kill()
        other.process.join()
        with locked_members(tmp_path, "t", [3], None) as got:
            assert got


@pytest.mark.parametrize(
    ("first", "second", "goes_on"),
    [(False, False, True), (False, True, False), (True, True, True), (True, False, True)],
)
def test_what_was_begun_goes_on_unless_a_rerun_is_asked_for(
    tmp_path: Path, first: bool, second: bool, goes_on: bool
) -> None:
    mine = workspace(tmp_path)
    mine.begin(first)
    attempt = Journal(mine.folder).attempt()
    mine.begin(second)
    assert (Journal(mine.folder).attempt() == attempt) is goes_on


def test_a_folder_without_its_description_is_begun_anew(tmp_path: Path) -> None:
    mine = workspace(tmp_path)
    mine.folder.mkdir(parents=True)
    (mine.folder / "journal.jsonl").write_text('{"kind": "old"}\n')
    mine.begin(False)
    assert [path.name for path in mine.folder.iterdir()] == ["workspace.json"]
