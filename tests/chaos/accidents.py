"""What happens to a store between two calls of a command: files are damaged, runs and experiments are deleted."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

Accident = Callable[[Path, random.Random], str]
"""Damages a store's folder, and returns in a few words what it did; empty if there was nothing to damage."""


def flip(content: bytes, drawn: random.Random) -> bytes:
    """One bit is another one."""
    place = drawn.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << drawn.randrange(8)]) + content[place + 1 :]


CHANGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "emptied": lambda content, drawn: b"",
    "cut short": lambda content, drawn: content[: drawn.randrange(len(content))],
    "with a flipped bit": flip,
    "with garbage in it": lambda content, drawn: content[: len(content) // 2] + drawn.randbytes(40) + content[-9:],
    "{": lambda content, drawn: b"{",
}


def damage(paths: list[Path], drawn: random.Random) -> str:
    """Change one of some files; what was changed, and how."""
    paths = [path for path in paths if path.is_file() and path.stat().st_size]
    if not paths:
        return ""
    path, name = drawn.choice(sorted(paths)), drawn.choice(sorted(CHANGES))
    path.write_bytes(CHANGES[name](path.read_bytes(), drawn))
    return f"{path.name} {name}"


def damaged_work(folder: Path, drawn: random.Random) -> str:
    """A file of a workspace, but not one that is waiting to be sent beside the journal: only its digest is known."""
    paths = [path for path in (folder / "work").rglob("*") if "claims" not in path.parts]
    kinds = sorted({path.name.split(".")[0].split("-")[0] for path in paths if path.is_file()})
    kind = drawn.choice(kinds) if kinds else ""
    return damage([path for path in paths if path.name.startswith(kind)], drawn)


def damaged_member(folder: Path, drawn: random.Random) -> str:
    """The archive of a trained member."""
    return damage(list((folder / "artifacts").rglob("training.safetensors")), drawn)


def execute(folder: Path, statement: str) -> int:
    """Change a store's database; how many rows have changed."""
    if not (folder / "mlflow.db").exists():
        return 0
    with closing(sqlite3.connect(folder / "mlflow.db", timeout=60)) as connection, connection:
        return connection.execute(statement).rowcount


def deleted_runs(folder: Path, drawn: random.Random) -> str:
    """As somebody who tidies up in the UI: what is not finished."""
    count = execute(folder, "update runs set lifecycle_stage = 'deleted' where status != 'FINISHED'")
    return f"{count} runs deleted" if count else ""


def deleted_run(folder: Path, drawn: random.Random) -> str:
    """One run of several."""
    oldest = "select run_uuid from runs where status != 'FINISHED' order by rowid desc limit 1"
    count = execute(folder, f"update runs set lifecycle_stage = 'deleted' where run_uuid in ({oldest})")
    return "a run deleted" if count else ""


def deleted_experiment(folder: Path, drawn: random.Random) -> str:
    """With all its runs, as MLflow deletes it."""
    runs = execute(folder, "update runs set lifecycle_stage = 'deleted'")
    count = execute(folder, "update experiments set lifecycle_stage = 'deleted' where name != 'Default'")
    return f"an experiment with {runs} runs deleted" if count else ""


def restore_experiment(folder: Path) -> None:
    """Undo the deletion of an experiment and its runs."""
    for table in ("experiments", "runs"):
        execute(folder, f"update {table} set lifecycle_stage = 'active'")


@dataclass(frozen=True)
class Kind:
    """A kind of accident.

    Attributes:
        happen: what it does.
        refused: whether the command must refuse with one line until what was deleted is restored.
        finished: whether it happens to members that were trained before.
    """

    happen: Accident
    refused: bool = False
    finished: bool = False


KINDS = {
    "damaged file in work": Kind(damaged_work),
    "damaged member": Kind(damaged_member, finished=True),
    "deleted runs": Kind(deleted_runs),
    "deleted run": Kind(deleted_run),
    "deleted experiment": Kind(deleted_experiment, refused=True),
}
