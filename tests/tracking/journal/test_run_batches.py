"""Entries joined by run: few requests, and an order that differs only where it does not matter."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from seqprobe.tracking.journal.batch_delivery import ENTRIES, to_archive, write_entries
from seqprobe.tracking.journal.entries import end, files, metrics, params, removal, tags
from seqprobe.tracking.journal.entry_lines import Entry
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.journal.run_batches import joined_entries
from seqprobe.tracking.stores.metric_rows import Value


class Writer:
    """Remembers what it is called with, a line each."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def log_batch(self, run_id: str, metrics: Any, params: Any, tags: Any) -> None:
        self.calls.append(f"{run_id}: {len(metrics)} values, {len(params)} params, {len(tags)} tags")

    def delete_tag(self, run_id: str, key: str) -> None:
        self.calls.append(f"{run_id}: no {key}")

    def get_run(self, run_id: str) -> Any:
        raise AssertionError("nothing is taken away")

    def set_terminated(self, run_id: str, status: str | None, end_time: int | None) -> None:
        self.calls.append(f"{run_id}: {status} at {end_time}")

    def log_artifact(self, run_id: str, local_path: str, artifact_path: str | None) -> None:
        self.calls.append(f"{run_id}: {artifact_path}/{Path(local_path).name} {Path(local_path).read_text()}")

    def remove(self, run_id: str, path: str) -> None:
        self.calls.append(f"{run_id}: without {path}")


def values(count: int) -> list[Value]:
    return [Value("val/loss", 1.0, 5, step) for step in range(count)]


def written(journal: Journal, *entries: Entry) -> list[str]:
    writer = Writer()
    write_entries(entries, journal.files, writer, writer.remove)
    return writer.calls


def test_a_run_takes_one_request_for_its_values_and_one_for_its_end(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    fit = files("parent", journal.add_files({"figures/fit.png": b"1", "note.txt": b"2"}))
    again = files("parent", journal.add_files({"note.txt": b"3"}))
    assert written(
        journal,
        params(["parent", "child"], {"hidden_size": 3, "preset": None}),
        metrics({"parent": values(3), "child": values(2)}),
        fit,
        tags("parent", {"a": "1"}),
        metrics({"child": values(3)}),
        again,
        tags("parent", {"a": "1", "b": "2"}),
        end(["child", "parent"], "FINISHED", 7),
    ) == [
        "parent: figures/fit.png 1",
        "parent: None/note.txt 3",
        "child: 5 values, 1 params, 0 tags",
        "parent: 3 values, 1 params, 2 tags",
        "child: FINISHED at 7",
        "parent: FINISHED at 7",
    ]


def test_more_values_than_a_request_takes_are_split(tmp_path: Path) -> None:
    many = params(["r"], {f"p{number}": number for number in range(150)})
    assert written(Journal(tmp_path), many, metrics({"r": values(2500)})) == [
        "r: 900 values, 100 params, 0 tags",
        "r: 950 values, 50 params, 0 tags",
        "r: 650 values, 0 params, 0 tags",
    ]


def test_where_the_order_matters_it_stays() -> None:
    """A digest that is replaced after a file, files that are removed and sent again, and runs that go on."""
    entries = [
        tags("r", {"digest": "old new"}),
        files("r", "1"),
        tags("r", {"digest": "new"}),
        removal("r", "traceback.txt"),
        tags("r", {"digest": None}),
        end(["r"], "KILLED", 1),
        metrics({"s": values(1)}),
        tags("r", {"x": "y"}),
    ]
    joined = [
        [(batch.run, batch.tags, batch.folders, batch.lacks_files, batch.lacks_tags, batch.end) for batch in batches]
        for batches in joined_entries(entries)
    ]
    assert joined == [
        [("r", {"digest": "old new"}, ["1"], [], [], None)],
        [("r", {"digest": "new"}, [], ["traceback.txt"], [], None)],
        [("r", {}, [], [], ["digest"], ("KILLED", 1)), ("s", {}, [], [], [], None)],
        [("r", {"x": "y"}, [], [], [], None)],
    ]


def test_batches_end_at_a_size_and_count_as_sent_when_the_next_is_taken(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(files("r", journal.add_files({"a": b"x" * 1000})))
    for step in range(3):
        journal.append(tags("r", {"step": str(step)}))
    taken, ends = list[list[str]](), list[bool]()
    journal.append(end(["r"], "FINISHED", 1))
    journal.sending_guard = ends.append
    for batch in journal.batches(500):
        taken.append([entry["kind"] for entry in batch])
        assert not journal.is_sent()
    assert (taken, ends) == ([["files"], ["tags", "tags", "tags", "end"]], [False, True])
    assert journal.is_sent()
    assert list(journal.files.iterdir()) == []


def test_an_archive_has_the_entries_and_their_files(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    entry = files("r", journal.add_files({"figures/fit.png": b"1"}))
    with zipfile.ZipFile(BytesIO(to_archive([entry, files("r", "sent before")], journal.files))) as archive:
        assert sorted(archive.namelist()) == sorted([f"{entry['folder']}/figures/fit.png", ENTRIES])
