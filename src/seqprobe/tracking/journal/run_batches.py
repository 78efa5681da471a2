"""Entries of a journal, joined by run: each run takes as few requests as possible, whatever the number of entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from seqprobe.tracking.journal.entry_lines import Entry
from seqprobe.tracking.stores.metric_rows import Value


@dataclass
class RunBatch:
    """What entries say of one run.

    Attributes:
        folders: names of folders of files that are sent before the rest: a digest among the tags must not precede them.
        lacks_tags, lacks_files: names of tags and paths of artifacts that are taken away.
        end: status and time in milliseconds, which come last.
    """

    run: str
    values: list[Value] = field(default_factory=list)
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    lacks_tags: list[str] = field(default_factory=list)
    lacks_files: list[str] = field(default_factory=list)
    end: tuple[str, int] | None = None

    def admits(self, entry: Entry) -> bool:
        """Whether an entry can join: its order relative to those before must not matter."""
        if self.end is not None:
            return False
        match entry["kind"]:
            case "tags":
                before = self.tags | dict.fromkeys(self.lacks_tags)
                return all(before.get(name, value) == value for name, value in entry["tags"].items())
            case "files":
                return not self.lacks_files
            case "removal":
                return not self.folders
        return True

    def add(self, entry: Entry) -> None:
        """Join an entry."""
        match entry["kind"]:
            case "metrics":
                self.values += [Value(*value) for value in entry["values"][self.run]]
            case "params":
                self.params |= entry["params"]
            case "tags":
                self.tags |= {name: value for name, value in entry["tags"].items() if value is not None}
                self.lacks_tags += [name for name, value in entry["tags"].items() if value is None]
            case "files":
                self.folders.append(entry["folder"])
            case "removal":
                self.lacks_files.append(entry["path"])
            case "end":
                self.end = entry["status"], entry["time"]


def ordered_runs(entry: Entry) -> list[str]:
    """The runs that an entry concerns, in its order."""
    return [*entry.get("values", {}), *entry.get("runs", []), *([entry["run"]] if "run" in entry else [])]


def joined_entries(entries: Iterable[Entry]) -> Iterator[list[RunBatch]]:
    """Entries by run, in a list for each part of them whose order matters; runs that end are in the order of that."""
    batches: dict[str, RunBatch] = {}
    for entry in entries:
        runs = ordered_runs(entry)
        if not all(batches[run].admits(entry) for run in runs if run in batches):
            yield list(batches.values())
            batches = {}
        for run in runs:
            batches.setdefault(run, RunBatch(run)).add(entry)
            if entry["kind"] == "end":
                batches[run] = batches.pop(run)
    if batches:
        yield list(batches.values())
