"""Messages of jobs in a file of a shared folder, which one machine appends to while another reads it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from seqprobe.run.outcome import Outcome
from seqprobe.run.pools.job_pool import Message


class MessageFile:
    """Messages, one a line, as JSON.

    Each is appended by a single write to a file that is opened for it: on a network file system, another machine sees
    what was written when the file is closed.

    Args:
        path: of the file, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.offset = path, 0

    def append(self, message: Message) -> None:
        """Add a message."""
        content = [dataclasses.asdict(part) if isinstance(part, Outcome) else part for part in message.content]
        line = json.dumps([message.job, message.kind, content])
        with self.path.open("ab") as file:
            file.write(f"{line}\n".encode())

    def read_new(self) -> list[Message]:
        """The messages since the last call; a line that is still being written waits for the next one."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                text = file.read()
        except FileNotFoundError:
            return []
        text = text[: text.rfind(b"\n") + 1]
        self.offset += len(text)
        return [parse_message(line) for line in text.splitlines()]


def parse_message(line: bytes) -> Message:
    """The message that a line states."""
    job, kind, content = json.loads(line)
    return Message(job, kind, [Outcome(**content[0])] if kind == "done" else content)
