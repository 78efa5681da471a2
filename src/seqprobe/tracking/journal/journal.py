"""Records of runs that may not have reached the store yet: a journal and files in a folder that outlives a process.

Every entry is appended before it is sent, with its final timestamp. Sending one again has no effect, so after a kill,
or while a server is unavailable, nothing is lost and nothing is recorded twice.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqprobe.files import write_atomically

Entry = dict[str, Any]
"""One record for a store: its ``kind``, and what `seqprobe.tracking.journal.entries` knows of that kind."""


class Journal:
    """The journal of one population's runs; one process at a time may use it.

    Args:
        folder: made when it is first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal, self.files = folder / "journal.jsonl", folder / "files"
        self._drop_torn_lines()
        self._sent = min(self._saved_position(), self._size())

    def attempt(self) -> str:
        """A name for this attempt at the runs, the same after an interruption; every run has it as a tag."""
        path = self.folder / "attempt"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, uuid.uuid4().hex.encode())
        return path.read_text()

    def append(self, entry: Entry) -> None:
        """Keep an entry.

        Raises:
            OSError: it cannot be written; the journal is as it was.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        line = (json.dumps(entry) + "\n").encode()
        with self.journal.open("ab", buffering=0) as file:
            size = file.tell()
            try:
                written = file.write(line)
                if written != len(line):  # a disk that is full takes a part
                    file.write(line[written:])
            except OSError as problem:
                file.truncate(size)
                raise OSError(problem.errno, problem.strerror, str(self.journal)) from problem

    def add_files(self, contents: Mapping[str, bytes]) -> str:
        """Keep files by their relative paths, in a folder whose name is returned."""
        name = uuid.uuid4().hex
        for path, content in contents.items():
            target = self.files / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return name

    def entries(self) -> Iterator[Entry]:
        """Everything that was ever appended, in order."""
        yield from (entry for entry, _ in self._read(0))

    def pending(self) -> Iterator[Entry]:
        """What this process does not know to be sent, in order; an entry counts as sent when the next one is taken."""
        for entry, end in self._read(self._sent):
            yield entry
            if entry["kind"] == "files":
                shutil.rmtree(self.files / entry["folder"], ignore_errors=True)
            self._sent = end

    def is_sent(self) -> bool:
        """Whether all of it has reached the store."""
        return self._sent == self._size()

    def save_position(self) -> None:
        """Note for later processes how much of it has reached the store."""
        if self.journal.exists():
            write_atomically(self.folder / "sent", str(self._sent).encode())

    def sync(self) -> None:
        """Make what was appended last through a power cut."""
        if self.journal.exists():
            with self.journal.open("ab") as file:
                os.fsync(file.fileno())

    def remove(self) -> None:
        """Delete the folder, with whatever else is in it."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "attempt").unlink()  # first, so that no process resumes a half-deleted folder
        shutil.rmtree(self.folder, ignore_errors=True)

    def _size(self) -> int:
        return self.journal.stat().st_size if self.journal.exists() else 0

    def _saved_position(self) -> int:
        try:
            return int((self.folder / "sent").read_text())
        except (OSError, ValueError):
            return 0

    def _read(self, position: int) -> Iterator[tuple[Entry, int]]:
        """The entries from a position on, each with the position after it."""
        if not self.journal.exists():
            return
        with self.journal.open("rb") as file:
            file.seek(position)
            for line in file:
                position += len(line)
                yield json.loads(line), position

    def _drop_torn_lines(self) -> None:
        """Cut off what a kill, or a power cut, left of the last lines."""
        content = self.journal.read_bytes() if self.journal.exists() else b""
        end = content.rfind(b"\n") + 1
        while end:
            start = content.rfind(b"\n", 0, end - 1) + 1
            with contextlib.suppress(ValueError):
                json.loads(content[start:end])
                break
            end = start
        if end < len(content):
            os.truncate(self.journal, end)
