"""A journal keeps everything in order, whenever its process dies, and sends nothing twice that it knows of."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from seqprobe.tracking.journal import journal as journal_module
from seqprobe.tracking.journal.entries import damaged_file, files, metric_keys, metrics, values_in
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.metric_rows import Value

ENTRIES: list[dict[str, Any]] = [{"kind": "tags", "run": "r", "tags": {"a": "1\n2"}}, {"kind": "end", "runs": ["r"]}]


def kept(folder: Path, entries: list[dict[str, Any]] = ENTRIES) -> Journal:
    journal = Journal(folder)
    for entry in entries:
        journal.append(entry)
    return journal


def test_entries_are_pending_until_the_next_is_asked_for(tmp_path: Path) -> None:
    journal = kept(tmp_path / "cell")
    assert not journal.is_sent()
    assert list(journal.pending()) == ENTRIES
    assert list(journal.pending()) == []
    assert journal.is_sent()
    journal.append({"kind": "late"})
    assert not journal.is_sent()
    assert list(journal.pending()) == [{"kind": "late"}]


def test_what_could_not_be_sent_stays(tmp_path: Path) -> None:
    journal = kept(tmp_path)

    def send() -> None:
        for entry in journal.pending():
            if entry == ENTRIES[1]:
                raise ConnectionError

    with pytest.raises(ConnectionError):
        send()
    assert list(journal.pending()) == ENTRIES[1:]


def test_another_process_reads_everything_again_unless_it_was_marked(tmp_path: Path) -> None:
    journal = kept(tmp_path)
    list(journal.pending())
    assert list(Journal(tmp_path).pending()) == ENTRIES
    assert not Journal(tmp_path).is_sent()
    journal.save_position()
    assert Journal(tmp_path).is_sent()
    Journal(tmp_path).append({"kind": "late"})
    assert not Journal(tmp_path).is_sent()


@pytest.mark.parametrize("lost", range(1, 30, 4))
def test_a_torn_line_is_cut_off(tmp_path: Path, lost: int) -> None:
    journal = kept(tmp_path)
    size = journal.journal.stat().st_size
    with journal.journal.open("r+b") as file:
        file.truncate(size - lost)
    again = Journal(tmp_path)
    assert list(again.entries()) == ENTRIES[:1]
    again.append({"kind": "next"})
    assert list(again.entries()) == [ENTRIES[0], {"kind": "next"}]


def test_a_write_that_fails_leaves_the_journal_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = kept(tmp_path)
    before = journal.journal.read_bytes()

    class Full:
        """A file that takes a part, as a disk that is full does."""

        def __init__(self, file: Any) -> None:
            self.file, self.written = file, False

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *args: object) -> None:
            self.file.close()

        def write(self, line: bytes) -> int:
            if self.written:
                raise OSError(28, "No space left on device")
            self.written = True
            return int(self.file.write(line[:5]))

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

    original = Path.open
    with monkeypatch.context() as patched:
        patched.setattr(journal_module.Path, "open", lambda path, *how, **more: Full(original(path, *how, **more)))
        with pytest.raises(OSError, match=r"No space left on device: '.*journal\.jsonl'"):
            journal.append({"kind": "more"})
    assert journal.journal.read_bytes() == before


def test_files_are_kept_until_they_were_sent(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    name = journal.add_files({"figures/a.png": b"1", "b.txt": b"2"})
    journal.append({"kind": "files", "run": "r", "folder": name})
    for entry in journal.pending():
        folder = journal.files / entry["folder"]
        assert {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {
            "figures/a.png": b"1",
            "b.txt": b"2",
        }
    assert list(journal.files.iterdir()) == []


def test_an_attempt_keeps_its_name_until_it_is_removed(tmp_path: Path) -> None:
    first = Journal(tmp_path / "cell").attempt()
    assert Journal(tmp_path / "cell").attempt() == first
    kept(tmp_path / "cell").remove()
    assert list(tmp_path.iterdir()) == []
    assert Journal(tmp_path / "cell").attempt() != first


def test_numbers_survive(tmp_path: Path) -> None:
    values = [Value("a", 0.1 + 0.2, 5, 1), Value("a", float("inf"), 5, 2), Value("b", float("nan"), 6, 1)]
    journal = kept(tmp_path, [metrics({"run": values})])
    (entry,) = journal.entries()
    assert json.dumps(values_in(entry)) == json.dumps({"run": values})
    assert isinstance(values_in(entry)["run"][0], Value)
    assert list(metric_keys(journal)) == [("run", "a", 1), ("run", "a", 2), ("run", "b", 1)]


def test_lines_that_a_power_cut_left_empty_are_cut_off(tmp_path: Path) -> None:
    journal = kept(tmp_path)
    with journal.journal.open("ab") as file:
        file.write(b"\0" * 40 + b"\n" + b"\0" * 7 + b"\n" + b'{"kind": "to')
    again = Journal(tmp_path)
    assert list(again.entries()) == ENTRIES
    again.append({"kind": "next"})
    assert list(Journal(tmp_path).entries()) == [*ENTRIES, {"kind": "next"}]


def test_another_process_goes_on_after_what_was_marked(tmp_path: Path) -> None:
    journal = kept(tmp_path)
    list(journal.pending())
    journal.save_position()
    journal.append({"kind": "late"})
    assert list(Journal(tmp_path).pending()) == [{"kind": "late"}]
    assert list(Journal(tmp_path).entries()) == [*ENTRIES, {"kind": "late"}]


@pytest.mark.parametrize("content", [b"-5", b"7", b"99999999", b"\xff", b""])
def test_a_wrong_position_sends_everything_again(content: bytes, tmp_path: Path) -> None:
    journal = kept(tmp_path)
    list(journal.pending())
    journal.save_position()
    assert list(Journal(tmp_path).pending()) == []
    (tmp_path / "sent").write_bytes(content)
    assert list(Journal(tmp_path).pending()) == ENTRIES


STORED: list[dict[str, Any]] = [{"kind": "tags", "run": "r", "tags": {"a": "17"}}] * 3


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"17", b"18"), (b"\n{", b"\n[{"), (b'"kind"', b'"KIND"'), (b"tags", b"\xff\xfe\xfd\xfc"), (b"\n{", b"\nno\n{")],
)
@pytest.mark.parametrize("has_checksums", [True, False])
def test_damage_in_the_middle_is_found(old: bytes, new: bytes, has_checksums: bool, tmp_path: Path) -> None:
    journal = kept(tmp_path, STORED)
    content = journal.journal.read_bytes()
    if not has_checksums:  # as earlier versions wrote it
        content = re.sub(rb"\t.*", b"", content)
        journal.journal.write_bytes(content)
    assert damaged_file(Journal(tmp_path)) is None
    assert list(Journal(tmp_path).entries()) == STORED
    journal.journal.write_bytes(content.replace(old, new, 1))
    found = damaged_file(Journal(tmp_path))
    assert found == (None if old == b"17" and not has_checksums else journal.journal)


def test_damaged_files_are_found(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    folder = journal.files / journal.add_files({"figures/a.png": b"1", "b.txt": b"2"})
    journal.append(files("r", folder.name))
    assert damaged_file(journal) is None
    (folder / "b.txt").write_bytes(b"3")
    assert damaged_file(journal) == folder


@pytest.mark.parametrize("content", [b"{", b"", None], ids=str)
def test_a_journal_that_lacks_what_was_sent_is_damaged(content: bytes | None, tmp_path: Path) -> None:
    journal = kept(tmp_path, STORED)
    journal.attempt()
    for _ in journal.pending():
        pass
    journal.save_position()
    assert damaged_file(Journal(tmp_path)) is None
    if content is None:
        journal.journal.unlink()
    else:
        journal.journal.write_bytes(content)
    assert damaged_file(Journal(tmp_path)) == (journal.position_file if content is None else journal.journal)


def test_an_abandoned_journal_begins_again(tmp_path: Path) -> None:
    journal = kept(tmp_path)
    attempt = journal.attempt()
    (tmp_path / "checkpoints").mkdir()
    journal.abandon()
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoints"]
    assert Journal(tmp_path).is_sent()
    assert Journal(tmp_path).attempt() != attempt
