"""A population's place: locked by one process at a time, begun once, and found again after an interruption."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from chaos.claiming import hold

from seqprobe.run.member_locks import locked_members
from seqprobe.run.workspace import Workspace, is_outdated, unattended_journals
from seqprobe.tracking.journal.journal import Journal

CONTEXT = multiprocessing.get_context("spawn")


def workspace(work: Path, training: str = "t", identity: str = "0123456789abcdef") -> Workspace:
    return Workspace(work, work / identity, training, [2, 5])


class Other:
    """Another process that claims members."""

    def __init__(self, work: Path, seeds: list[int]) -> None:
        self.ours, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=hold, args=(work, seeds, theirs))
        self.process.start()

    def __enter__(self) -> Other:
        return self

    def __exit__(self, *args: object) -> None:
        self.process.kill()
        self.process.join()


def test_members_have_one_process_at_a_time(tmp_path: Path) -> None:
    with Other(tmp_path, [7, 3]) as other:
        assert other.ours.recv() is True
        for seeds, free in (([3], False), ([1, 7], False), ([1, 2, 4], True), ([2**62 + 9], True)):
            with locked_members(tmp_path, "t", seeds, None) as got:
                assert got is free
        with locked_members(tmp_path, "another", [3, 7], None) as got:
            assert got


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


def test_what_dead_processes_left_is_found(tmp_path: Path) -> None:
    told, sent, server = (
        workspace(tmp_path, "u"),
        workspace(tmp_path, "v", "f" * 16),
        workspace(tmp_path, "w", "e" * 16 + "-12345678"),
    )
    for each in (told, sent, server):
        each.begin(False)
        journal = Journal(each.folder)
        journal.append({"kind": "end", "runs": [], "status": "KILLED", "time": 1})
        if each is sent:
            assert len(list(journal.pending())) == 1
            journal.save_position()
    assert [journal.folder for journal in unattended_journals(tmp_path, "")] == [told.folder]
    assert [journal.folder for journal in unattended_journals(tmp_path, "-12345678")] == [server.folder]


def test_what_another_process_works_on_is_not_left(tmp_path: Path) -> None:
    mine = workspace(tmp_path)
    mine.begin(False)
    Journal(mine.folder).append({"kind": "end", "runs": [], "status": "KILLED", "time": 1})
    with Other(tmp_path, [5]) as other:
        assert other.ours.recv() is True
        assert list(unattended_journals(tmp_path, "")) == []
    assert len(list(unattended_journals(tmp_path, ""))) == 1


def test_an_outdated_workspace_is_found_and_cannot_be_resumed(tmp_path: Path) -> None:
    mine = workspace(tmp_path)
    mine.begin(False)
    (mine.folder / "workspace.json").rename(mine.folder / "cell.json")
    (journal,) = unattended_journals(tmp_path, "")
    assert is_outdated(journal)
    mine.begin(False)
    assert not is_outdated(Journal(mine.folder))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"training": "t", "seeds": 3}'])
def test_a_damaged_description_is_passed_over(tmp_path: Path, content: str) -> None:
    for name in ("workspace.json", "cell.json"):
        folder = tmp_path / "0123456789abcdef"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    assert list(unattended_journals(tmp_path, "")) == []
