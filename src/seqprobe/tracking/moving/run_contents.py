"""All that a store has of a run, in a form in which two stores can be compared."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from seqprobe.scoring import Tag
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.metric_rows import Value


class FileDigest(NamedTuple):
    """A file's SHA-256 and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class RunContent:
    """A run in a store.

    Attributes:
        started, ended: in milliseconds since 1970; ``ended`` is None while it runs.
        tags: all but the one that states where the run was copied from.
        values: of metrics; NaN, which no value equals, is replaced by None.
        artifacts: by path.
    """

    status: str
    started: int
    ended: int | None
    params: Mapping[str, str]
    tags: Mapping[str, str]
    values: frozenset[tuple[str, float | None, int, int]]
    artifacts: Mapping[str, FileDigest]

    def differences(self, other: RunContent) -> list[str]:
        """The names of the attributes that differ, those of collections with the first entry that does."""
        lines = []
        for name in (field.name for field in fields(self)):
            here, there = getattr(self, name), getattr(other, name)
            if here == there:
                continue
            if isinstance(here, Mapping):
                differing = sorted(key for key in {*here, *there} if here.get(key) != there.get(key))
                lines.append(f"{name} ({', '.join(differing[:3])}{' …' if len(differing) > 3 else ''})")
            else:
                lines.append(f"{name} ({len(here)}, {len(there)})" if isinstance(here, frozenset) else name)
        return lines


def run_content(run: StoredRun, values: list[Value], artifacts: Mapping[str, FileDigest]) -> RunContent:
    """A run with its metric values and the digests of its artifacts."""
    return RunContent(
        status=run.status,
        started=run.started,
        ended=run.ended,
        params=dict(run.params),
        tags={name: value for name, value in run.tags.items() if name != Tag.MOVED_FROM},
        values=frozenset(comparable(value) for value in values),
        artifacts=artifacts,
    )


def comparable(value: Value) -> tuple[str, float | None, int, int]:
    """A metric's value in which NaN is None."""
    return (value.name, None if math.isnan(value.value) else value.value, value.timestamp, value.step)


def file_digests(folder: Path) -> dict[str, FileDigest]:
    """The digest of every file below a folder, by its path in it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest_of(path.read_bytes()) for path in paths}


def digest_of(content: bytes) -> FileDigest:
    """A file's digest."""
    return FileDigest(hashlib.sha256(content).hexdigest(), len(content))
