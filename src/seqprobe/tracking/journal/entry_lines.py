"""The lines of a journal: one entry each, with a checksum."""

from __future__ import annotations

import json
import zlib
from typing import Any

Entry = dict[str, Any]
"""One record for a store: its ``kind``, and what `seqprobe.tracking.journal.entries` knows of that kind."""


def to_line(entry: Entry) -> bytes:
    """An entry as a line of a journal, with a checksum after a tab."""
    text = json.dumps(entry).encode()
    return b"%s\t%08x\n" % (text, zlib.crc32(text))


def from_line(line: bytes) -> Entry:
    """The entry of a line; earlier versions wrote no checksums.

    Raises:
        ValueError: the line is damaged.
    """
    text, _, checksum = line.rstrip(b"\n").partition(b"\t")
    if checksum and checksum != b"%08x" % zlib.crc32(text):
        raise ValueError("a line of the journal is damaged")
    entry = json.loads(text)
    if not isinstance(entry, dict):
        raise ValueError("a line of the journal is no entry")
    return entry
