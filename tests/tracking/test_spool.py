"""A spool keeps everything in order, whatever moment its process dies at, and sends nothing twice that it knows of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seqprobe.tracking import spool as spools
from seqprobe.tracking.entries import metrics, told, values_in
from seqprobe.tracking.metrics import Value
from seqprobe.tracking.spool import Spool

ENTRIES: list[dict[str, Any]] = [{"kind": "tags", "run": "r", "tags": {"a": "1\n2"}}, {"kind": "end", "runs": ["r"]}]


def kept(folder: Path, entries: list[dict[str, Any]] = ENTRIES) -> Spool:
    spool = Spool(folder)
    for entry in entries:
        spool.append(entry)
    return spool


def test_entries_are_pending_until_the_next_is_asked_for(tmp_path: Path) -> None:
    spool = kept(tmp_path / "cell")
    assert not spool.is_sent()
    assert list(spool.pending()) == ENTRIES
    assert list(spool.pending()) == []
    assert spool.is_sent()
    spool.append({"kind": "late"})
    assert not spool.is_sent()
    assert list(spool.pending()) == [{"kind": "late"}]


def test_what_could_not_be_sent_stays(tmp_path: Path) -> None:
    spool = kept(tmp_path)

    def send() -> None:
        for entry in spool.pending():
            if entry == ENTRIES[1]:
                raise ConnectionError

    with pytest.raises(ConnectionError):
        send()
    assert list(spool.pending()) == ENTRIES[1:]


def test_another_process_reads_everything_again_unless_it_was_marked(tmp_path: Path) -> None:
    spool = kept(tmp_path)
    list(spool.pending())
    assert list(Spool(tmp_path).pending()) == ENTRIES
    assert not Spool(tmp_path).is_sent()
    spool.mark_sent()
    assert Spool(tmp_path).is_sent()
    Spool(tmp_path).append({"kind": "late"})
    assert not Spool(tmp_path).is_sent()


@pytest.mark.parametrize("lost", range(1, 30, 4))
def test_a_torn_line_is_cut_off(tmp_path: Path, lost: int) -> None:
    spool = kept(tmp_path)
    size = spool.journal.stat().st_size
    with spool.journal.open("r+b") as file:
        file.truncate(size - lost)
    again = Spool(tmp_path)
    assert list(again.entries()) == ENTRIES[:1]
    again.append({"kind": "next"})
    assert list(again.entries()) == [ENTRIES[0], {"kind": "next"}]


def test_a_write_that_fails_leaves_the_journal_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = kept(tmp_path)
    before = spool.journal.read_bytes()

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
        patched.setattr(spools.Path, "open", lambda path, *how, **more: Full(original(path, *how, **more)))
        with pytest.raises(OSError, match=r"No space left on device: '.*journal\.jsonl'"):
            spool.append({"kind": "more"})
    assert spool.journal.read_bytes() == before


def test_files_are_kept_until_they_were_sent(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    name = spool.add_files({"figures/a.png": b"1", "b.txt": b"2"})
    spool.append({"kind": "files", "run": "r", "folder": name})
    for entry in spool.pending():
        folder = spool.files / entry["folder"]
        assert {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {
            "figures/a.png": b"1",
            "b.txt": b"2",
        }
    assert list(spool.files.iterdir()) == []


def test_an_attempt_keeps_its_name_until_it_is_removed(tmp_path: Path) -> None:
    first = Spool(tmp_path / "cell").attempt()
    assert Spool(tmp_path / "cell").attempt() == first
    kept(tmp_path / "cell").remove()
    assert list(tmp_path.iterdir()) == []
    assert Spool(tmp_path / "cell").attempt() != first


def test_numbers_survive(tmp_path: Path) -> None:
    values = [Value("a", 0.1 + 0.2, 5, 1), Value("a", float("inf"), 5, 2), Value("b", float("nan"), 6, 1)]
    spool = kept(tmp_path, [metrics({"run": values})])
    (entry,) = spool.entries()
    assert json.dumps(values_in(entry)) == json.dumps({"run": values})
    assert isinstance(values_in(entry)["run"][0], Value)
    assert list(told(spool)) == [("run", "a", 1), ("run", "a", 2), ("run", "b", 1)]


def test_lines_that_a_power_cut_left_empty_are_cut_off(tmp_path: Path) -> None:
    spool = kept(tmp_path)
    with spool.journal.open("ab") as file:
        file.write(b"\0" * 40 + b"\n" + b"\0" * 7 + b"\n" + b'{"kind": "to')
    again = Spool(tmp_path)
    assert list(again.entries()) == ENTRIES
    again.append({"kind": "next"})
    assert list(Spool(tmp_path).entries()) == [*ENTRIES, {"kind": "next"}]


def test_another_process_goes_on_after_what_was_marked(tmp_path: Path) -> None:
    spool = kept(tmp_path)
    list(spool.pending())
    spool.mark_sent()
    spool.append({"kind": "late"})
    assert list(Spool(tmp_path).pending()) == [{"kind": "late"}]
    assert list(Spool(tmp_path).entries()) == [*ENTRIES, {"kind": "late"}]
