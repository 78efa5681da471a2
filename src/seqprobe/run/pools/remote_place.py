"""What a command and its jobs on other machines must share: folders at the same paths, and the version of seqprobe."""

from __future__ import annotations

import contextlib
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import seqprobe
from seqprobe.checks import InvalidValue
from seqprobe.config.compose import Composition, add_import_path
from seqprobe.failure import JobFailed
from seqprobe.run.workspace import work_folder

ID_FILE = "folder_id"
"""Of the folder of workspaces: a random text, by which another machine recognises it as the same folder."""
PROGRESS_SECONDS = 1.0
"""A job elsewhere reports its progress at most once in so many seconds."""


@dataclass(frozen=True)
class RemotePlace:
    """Where a command was called.

    Attributes:
        directory: its working directory; relative paths in configs start there.
        config_dir: the user's folder with configs and modules.
        work: the folder of workspaces, if the jobs record in a folder; of a server's store None.
        work_id: the text in that folder's `ID_FILE`.
        version: of seqprobe.
    """

    directory: Path
    config_dir: Path | None
    work: Path | None
    work_id: str
    version: str

    @classmethod
    def of_command(cls, composition: Composition) -> RemotePlace:
        """The place of this process, for jobs like this one."""
        plain = composition.config
        work = None if "uri" in plain["tracking"] else work_folder(plain)
        work_id = "" if work is None else folder_id(work)
        return cls(Path.cwd(), composition.config_dir, work, work_id, seqprobe.__version__)

    def enter(self) -> None:
        """Let this process work there.

        Raises:
            JobFailed: this machine does not see the same folders, or has another version of seqprobe.
        """
        host = socket.gethostname()
        if seqprobe.__version__ != self.version:
            raise JobFailed(f"{host} has seqprobe {seqprobe.__version__}, and the command has {self.version}")
        if self.config_dir is not None:
            try:
                add_import_path(self.config_dir)
            except InvalidValue as problem:
                text = f"--config-dir={self.config_dir}: {host} does not see this folder; use one that is shared"
                raise JobFailed(text) from problem
        if self.work is not None and read_id(self.work) != self.work_id:
            raise JobFailed(
                f"tracking.dir={self.work.parent}: {host} does not see this folder; use one that is shared, or "
                "tracking=server"
            )
        try:
            os.chdir(self.directory)
        except OSError as problem:
            raise JobFailed(
                f"{self.directory}: {host} does not see this working directory; call the command in one that is shared"
            ) from problem


def folder_id(work: Path) -> str:
    """The text that identifies a folder of workspaces, which is written at its first use."""
    work.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError), (work / ID_FILE).open("x") as file:
        file.write(uuid.uuid4().hex)
    return read_id(work)


def read_id(work: Path) -> str:
    """The text that identifies a folder; empty if there is none."""
    try:
        return (work / ID_FILE).read_text()
    except OSError:
        return ""


def throttle_progress(send: Callable[..., None]) -> Callable[..., None]:
    """``send`` for messages, of which progress is passed on at most once in `PROGRESS_SECONDS`."""
    last = float("-inf")

    def send_some(kind: str, *content: Any) -> None:
        nonlocal last
        if kind == "progress":
            if time.monotonic() < last + PROGRESS_SECONDS:
                return
            last = time.monotonic()
        send(kind, *content)

    return send_some
