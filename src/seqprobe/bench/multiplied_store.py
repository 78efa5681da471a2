"""A store with its populations many times over: what thousands of trainings leave, made in a minute."""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from seqprobe.scoring import Tag

HASHES = (Tag.TRAINING, Tag.POPULATION, Tag.ATTEMPT, Tag.SWEEP)
"""Tags that are another population's: no copy has the original's."""
COPIED = {
    "params": "case x.key when 'overrides' then 'copy=' || c.copy else x.value end",
    "tags": f"""case when x.key = '{Tag.PARENT}' then p.new
    when x.key in {HASHES} then substr(x.value, 1, length(x.value) - 6) || printf('%06d', c.copy) else x.value end""",
    "latest_metrics": "x.value",
}
"""What stands in the column ``value`` of a copy, by table."""
OVERRIDES = "insert or ignore into params (key, value, run_uuid) select 'overrides', 'copy=' || copy, new from copies"


def multiply_store(
    source: Path,
    target: Path,
    populations: int,
    tables: bool,
    seeds: int | None = None,
    copied: Mapping[str, str] = COPIED,
) -> int:
    """Copy a store with its populations until it has at least so many; the number of members.

    Copies have their own settings, sweeps and identities.

    Args:
        tables: whether copies have the originals' tables as well.
        seeds: members of each copy at most; None: as many as the original.
        copied: what stands in the column ``value`` of a copy, by table; `COPIED` lacks the history of metrics.
    """
    target.mkdir(parents=True)
    with closing(sqlite3.connect(source / "mlflow.db")) as one, closing(sqlite3.connect(target / "mlflow.db")) as other:
        one.backup(other)
        other.execute("pragma journal_mode = wal")
        other.execute("pragma synchronous = off")
        parents = [run for (run,) in other.execute(f"select run_uuid from tags where {kind('population')}")]
        members = dict(
            other.execute(
                "select x.run_uuid, x.value from tags x join tags k on k.run_uuid = x.run_uuid"
                f" where x.key = '{Tag.PARENT}' and k.key = '{Tag.KIND}' and k.value = 'seed'"
            )
        )
        copies = -(-populations // len(parents)) - 1 if parents else 0
        new = add_copies(other, parents, members, copies, seeds, copied)
        other.commit()
        (count,) = other.execute(f"select count(*) from tags where {kind('seed')}").fetchone()
    link_tables(source, target, {run: [run, *(new[run] if tables else [])] for run in parents})
    return int(count)


def kind(name: str) -> str:
    """The condition that selects a kind's rows of tags."""
    return f"key = '{Tag.KIND}' and value = '{name}'"


def add_copies(
    database: sqlite3.Connection,
    parents: Sequence[str],
    members: dict[str, str],
    copies: int,
    seeds: int | None,
    copied: Mapping[str, str],
) -> dict[str, list[str]]:
    """Add copies of populations to a database; the runs of each population's copies."""
    database.execute("create temp table copies (old, new primary key, parent, copy)")
    children: dict[str, list[str]] = {run: [] for run in parents}
    for member, parent in members.items():
        children.setdefault(parent, []).append(member)
    new: dict[str, list[str]] = {run: [] for run in parents}
    for copy in range(1, copies + 1):
        for parent in parents:
            runs = [parent, *children[parent][:seeds]]
            ids = [uuid.uuid4().hex for _ in runs]
            new[parent].append(ids[0])
            rows = [(old, identity, ids[0], copy) for old, identity in zip(runs, ids, strict=True)]
            database.executemany("insert into copies values (?, ?, ?, ?)", rows)
    copy_rows(database, "runs", "")
    for table, value in copied.items():
        copy_rows(database, table, value)
    database.execute(OVERRIDES)
    return new


def copy_rows(database: sqlite3.Connection, table: str, value: str) -> None:
    """Copy the rows of a table that belong to copied runs, with another ``value``."""
    columns = [row[1] for row in database.execute(f"pragma table_info({table})")]
    given = {"run_uuid": "c.new", "value": value.replace("p.new", "c.parent")}
    selected = ", ".join(given.get(column, f"x.{column}") for column in columns)
    database.execute(
        f"insert into {table} ({', '.join(columns)}) select {selected} from copies c cross join {table} x"
        " on x.run_uuid = c.old"
    )


def link_tables(source: Path, target: Path, copies: dict[str, list[str]]) -> None:
    """Give every population the tables that its original has, as hard links."""
    folders = {path.name: path for path in (source / "artifacts").glob("*/*") if path.name in copies}
    for original, runs in copies.items():
        folder = folders.get(original)
        if folder is not None and (folder / "artifacts/tables").is_dir():
            for run in runs:
                place = target / "artifacts" / folder.parent.name / run / "artifacts/tables"
                shutil.copytree(folder / "artifacts/tables", place, copy_function=os.link)
