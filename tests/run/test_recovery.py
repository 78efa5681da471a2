"""What dead processes left is found again; tests/run/test_kills_slow.py kills some."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from chaos.claiming import Other

from seqprobe.run.abandoned_runs import close_abandoned_runs
from seqprobe.run.member_locks import FOLDER, LEASES
from seqprobe.run.recovery import is_outdated, recover, unattended_journals
from seqprobe.run.workspace import Metadata, Workspace, read_metadata
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.leases.lease_folder import LeaseFolder
from seqprobe.tracking.leases.posted_lease import PostedLease
from seqprobe.tracking.stores.embedded import EmbeddedStore


def workspace(work: Path, training: str = "t", identity: str = "0123456789abcdef") -> Workspace:
    return Workspace(work, work / identity, training, [2, 5])


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
    assert [journal.folder for journal in unattended_journals(tmp_path, "", print)] == [told.folder]
    assert [journal.folder for journal in unattended_journals(tmp_path, "-12345678", print)] == [server.folder]


def test_what_another_process_works_on_is_not_left(tmp_path: Path) -> None:
    mine = workspace(tmp_path)
    mine.begin(False)
    journal = Journal(mine.folder)
    journal.append({"kind": "end", "runs": [], "status": "KILLED", "time": 1})
    with journal.journal.open("ab") as file:
        file.write(b'{"kind": "met')  # an entry that the other process is in the middle of writing
    size = journal.journal.stat().st_size
    with Other(tmp_path, [5]) as other:
        assert other.ours.recv() is True
        assert list(unattended_journals(tmp_path, "", print)) == []
        assert journal.journal.stat().st_size == size
    assert len(list(unattended_journals(tmp_path, "", print))) == 1
    assert journal.journal.stat().st_size < size


def test_a_run_is_closed_when_nobody_locks_its_workspace(tmp_path: Path) -> None:
    store, mine = EmbeddedStore(str(tmp_path / "store")), workspace(tmp_path / "work")
    mine.begin(False)
    container = {"seqprobe.host": "container 1", "seqprobe.pid": "7"}
    experiment, client = store.experiment_id("e"), store.client()
    run, other = (
        client.create_run(experiment, tags={**container, "seqprobe.attempt": attempt}).info.run_id
        for attempt in (Journal(mine.folder).attempt(), "elsewhere")
    )
    with Other(tmp_path / "work", [5]) as process:
        assert process.ours.recv() is True
        assert close_abandoned_runs(store, mine.work) == 0
    elsewhere = LeaseFolder(mine.work / FOLDER / LEASES, "t", 60)
    elsewhere.post(PostedLease("x", frozenset([5]), 60, {"seqprobe.host": "another machine"}))
    assert close_abandoned_runs(store, mine.work) == 0
    elsewhere.remove("x")
    assert close_abandoned_runs(store, mine.work) == 1
    assert client.get_run(run).info.status == "KILLED"
    assert client.get_run(other).info.status == "RUNNING"


def test_an_outdated_workspace_is_found_and_cannot_be_resumed(tmp_path: Path) -> None:
    mine = workspace(tmp_path)
    mine.begin(False)
    (mine.folder / "workspace.json").rename(mine.folder / "cell.json")
    (journal,) = unattended_journals(tmp_path, "", print)
    assert is_outdated(journal)
    mine.begin(False)
    assert not is_outdated(Journal(mine.folder))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"training": "t", "seeds": 3}'])
def test_a_damaged_description_is_passed_over(tmp_path: Path, content: str) -> None:
    for name in ("workspace.json", "cell.json"):
        folder = tmp_path / "0123456789abcdef"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    assert list(unattended_journals(tmp_path, "", print)) == []


def test_a_disk_that_is_still_full_keeps_no_dead_run_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be room for the status of a run where there is none for a file."""
    mine = workspace(tmp_path)
    mine.begin(False)
    Journal(mine.folder).append({"kind": "end", "runs": [], "status": "KILLED", "time": 1})
    store, said = (
        mock.Mock(uri="sqlite:///there", workspace_suffix="", batch_bytes=0, runs_of_attempt=lambda attempt: {}),
        list[str](),
    )
    store.close_runs.return_value, store.running_runs.return_value = 3, []

    def full(journal: Journal) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "save_position", full)
    assert recover(store, tmp_path, said.append) == 1
    assert said == [
        f"{mine.folder} cannot be delivered to sqlite:///there: [Errno 28] No space left on device",
        "3 runs of dead processes are closed as KILLED; run the same commands again to resume them",
    ]


def test_deleted_runs_are_reported_once_and_their_checkpoints_kept(tmp_path: Path) -> None:
    mine, said = workspace(tmp_path), list[str]()
    mine.begin(False)
    Journal(mine.folder).append({"kind": "end", "runs": ["r"], "status": "KILLED", "time": 1})
    store = mock.Mock(uri="sqlite:///there", workspace_suffix="", batch_bytes=0, runs_of_attempt=lambda attempt: {})
    store.close_runs.return_value, store.running_runs.return_value = 0, []
    assert [recover(store, tmp_path, said.append) for _ in range(2)] == [0, 0]
    assert said == [
        f"the runs of {mine.folder} are deleted in sqlite:///there: restore them there to go on in them, or else the "
        "command of that training goes on from its checkpoints in new runs"
    ]
    assert len(list(Journal(mine.folder).entries())) == 1


def test_a_damaged_description_is_named(tmp_path: Path) -> None:
    mine, said = workspace(tmp_path), list[str]()
    mine.begin(False)
    (mine.folder / "workspace.json").write_text("{")
    assert list(unattended_journals(tmp_path, "", said.append)) == []
    assert said == [f"{mine.folder}/workspace.json is damaged; the command of that training repairs it and goes on"]
    mine.begin(False, said.append)
    assert said[1:] == [
        f"{mine.folder}/workspace.json is damaged: renamed to workspace.json.damaged, and written again"
    ]
    assert read_metadata(mine.folder / "workspace.json") == Metadata("t", [2, 5], False)
