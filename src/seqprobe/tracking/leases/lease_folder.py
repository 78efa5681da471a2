"""Leases as files in a folder that machines share.

A file is renamed into the folder when it is complete, and each has a name of its own: no lock of the file system is
needed. A network file system's client must list a folder anew after it has changed it, and a file's content when it
is opened, as Linux's do for NFS ("close-to-open").
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from seqprobe.files import write_atomically
from seqprobe.tracking.leases.posted_lease import PostedLease


class LeaseFolder:
    """The board of a training in a folder.

    Args:
        folder: of the leases of all trainings; made when it is needed.
        training_hash: the hash that the members' trainings share.
        seconds: for which a lease holds that cannot be read.
    """

    is_of_workspaces = True

    def __init__(self, folder: Path, training_hash: str, seconds: float) -> None:
        self._folder, self._prefix, self._seconds = folder, f"{training_hash}.", seconds

    def post(self, posted: PostedLease) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file(posted.token), posted.to_text().encode())

    def leases(self) -> list[PostedLease]:
        names = [name for name in os.listdir(self._folder) if name.startswith(self._prefix)]
        found = (self._posted(name.removeprefix(self._prefix)) for name in names if name.count(".") == 1)
        return [posted for posted in found if posted is not None]

    def renew(self, posted: PostedLease) -> bool:
        try:
            with self._file(posted.token).open("r+b") as file:
                file.write(posted.to_text().encode())
                os.fsync(file.fileno())
        except FileNotFoundError:
            return False
        return True

    def remove(self, token: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._file(token).unlink()

    def is_unavailable(self, problem: Exception) -> bool:
        return isinstance(problem, OSError)

    def _file(self, token: str) -> Path:
        return self._folder / f"{self._prefix}{token}"

    def _posted(self, token: str) -> PostedLease | None:
        try:
            return PostedLease.from_text(token, self._file(token).read_text(), self._seconds)
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            return PostedLease.from_text(token, "", self._seconds)
