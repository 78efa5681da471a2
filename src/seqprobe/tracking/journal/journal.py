"""Records of runs that may not have reached the store yet: a journal and files in a folder that outlives a process.

Every entry is appended before it is sent, with its final timestamp. Sending one again has no effect, so after a kill,
or while a server is unavailable, nothing is lost and nothing is recorded twice.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from seqprobe.files import write_atomically
from seqprobe.tracking.journal.entry_files import files_digest, files_size, remove_files
from seqprobe.tracking.journal.entry_lines import Entry, from_line, to_line

RESERVE_BYTES = 2**20
"""What closing the runs of a population takes on a disk that is full."""


class Journal:
    """The journal of one population's runs; one process at a time may use it.

    Args:
        folder: made when it is first written to.

    Attributes:
        guard: called before every entry that is appended; raises an error if this process may no longer do it.
        sending_guard: likewise before entries are sent; its argument tells whether they end runs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal, self.files = folder / "journal.jsonl", folder / "files"
        self.attempt_file, self.position_file = folder / "attempt", folder / "sent"
        self.reserve = folder / "reserve"
        self.guard: Callable[[], None] = lambda: None
        self.sending_guard: Callable[[bool], None] = lambda is_end: None
        self._drop_torn_lines()
        self._sent = self._saved_position()

    def attempt(self) -> str:
        """A name for this attempt at the runs, the same after an interruption; every run has it as a tag."""
        path = self.attempt_file
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, uuid.uuid4().hex.encode())
        return path.read_text()

    def reserve_space(self) -> None:
        """Take space of the disk now that is needed to close the runs when the disk is full.

        Raises:
            OSError: there is none.
        """
        self.reserve.write_bytes(bytes(RESERVE_BYTES))

    def release_space(self) -> None:
        """Give the reserved space back."""
        self.reserve.unlink(missing_ok=True)

    def append(self, entry: Entry) -> None:
        """Keep an entry.

        Raises:
            OSError: it cannot be written; the journal is as it was.
        """
        self.guard()
        self.folder.mkdir(parents=True, exist_ok=True)
        line = to_line(entry)
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
        """Keep files by their relative paths, in a folder whose name is returned; it has a digest of them."""
        name = f"{uuid.uuid4().hex}-{files_digest(contents)}"
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
        for batch in self.batches(0):
            yield from batch

    def batches(self, size: int) -> Iterator[list[Entry]]:
        """`pending` in lists of entries which are together not much longer than ``size`` bytes, with their files."""
        batch, begin, of_files = list[Entry](), self._sent, 0
        end = begin
        for entry, end in self._read(begin):
            batch.append(entry)
            of_files += files_size(self.files / entry["folder"]) if entry["kind"] == "files" else 0
            if end - begin + of_files >= size:
                yield from self._sent_batch(batch, end)
                batch, begin, of_files = [], end, 0
        if batch:
            yield from self._sent_batch(batch, end)

    def _sent_batch(self, batch: list[Entry], end: int) -> Iterator[list[Entry]]:
        self.sending_guard(any(entry["kind"] == "end" for entry in batch))
        yield batch
        for entry in batch:
            if entry["kind"] == "files":
                remove_files(self.files / entry["folder"])
        self._sent = end

    def is_sent(self) -> bool:
        """Whether all of it has reached the store."""
        return self._sent == self._size()

    def save_position(self) -> None:
        """Note for later processes how much of it has reached the store."""
        if self.journal.exists():
            write_atomically(self.position_file, str(self._sent).encode())

    def is_cut(self) -> bool:
        """Whether it is shorter than what was sent of it: what it recorded before would be recorded again."""
        return self.attempt_file.exists() and self._noted_position() > self._size()

    def sync(self) -> None:
        """Make what was appended last through a power cut."""
        if self.journal.exists():
            with self.journal.open("ab") as file:
                os.fsync(file.fileno())

    def remove(self) -> None:
        """Delete the folder, with whatever else is in it."""
        self.attempt_file.unlink(missing_ok=True)  # first, so that no process resumes a half-deleted folder
        shutil.rmtree(self.folder, ignore_errors=True)

    def abandon(self) -> None:
        """Forget all records, so that the next attempt records to new runs; all else in the folder stays."""
        for path in (self.attempt_file, self.position_file, self.journal):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.files, ignore_errors=True)
        self._sent = 0

    def _size(self) -> int:
        return self.journal.stat().st_size if self.journal.exists() else 0

    def _saved_position(self) -> int:
        """How much has been sent; all is sent again, without effect, if that is unknown."""
        position = self._noted_position()
        if not 0 < position <= self._size():
            return 0
        with self.journal.open("rb") as file:
            file.seek(position - 1)
            return position if file.read(1) == b"\n" else 0

    def _noted_position(self) -> int:
        try:
            return int(self.position_file.read_text())
        except (OSError, ValueError):
            return 0

    def _read(self, position: int) -> Iterator[tuple[Entry, int]]:
        """The entries from a position on, each with the position after it."""
        if not self.journal.exists():
            return
        with self.journal.open("rb") as file:
            file.seek(position)
            for line in file:
                if not line.endswith(b"\n"):  # another thread is writing it
                    return
                position += len(line)
                yield from_line(line), position

    def _drop_torn_lines(self) -> None:
        """Cut off what a kill left of the last line, and lines that a power cut left empty."""
        content = self.journal.read_bytes() if self.journal.is_file() else b""
        end = content.rfind(b"\n") + 1
        while end:
            start = content.rfind(b"\n", 0, end - 1) + 1
            if content[start : end - 1].strip(b"\0"):
                break
            end = start
        if end < len(content):
            os.truncate(self.journal, end)
