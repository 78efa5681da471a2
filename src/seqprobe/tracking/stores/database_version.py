"""The version of a database's tables: MLflow opens those of its own version alone, and calls any others out of date."""

from __future__ import annotations

import functools
import re
import shlex
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from seqprobe.tracking.stores.databases import connection_to_read

FOLLOWS = re.compile(r'^down_revision\s*=\s*"(\w+)"', re.MULTILINE)
"""In a migration of MLflow's, which is named after the version that it makes: the version that it begins with."""


def version_fault(database: Path) -> str:
    """What to do about tables of another version of MLflow; empty if they are of the installed one."""
    with (
        connection_to_read(database) as connection,
        closing(connection.execute("select * from alembic_version")) as rows,
    ):
        (version,) = rows.fetchone() or ("",)
    earlier, known = mlflow_versions()
    if not version or not known or version in known - earlier:
        return ""
    if version not in known:
        return "a later version of MLflow made this store: install that version, or choose another folder"
    upgrade = shlex.join([sys.executable, "-m", "mlflow", "db", "upgrade", f"sqlite:///{database}"])
    return f"an earlier version of MLflow made this store: copy the folder to be safe, and upgrade it by {upgrade}"


@functools.cache
def mlflow_versions() -> tuple[frozenset[str], frozenset[str]]:
    """The versions of tables that the installed MLflow migrates from, and all that it knows.

    They are read from its files, for importing MLflow takes seconds.
    """
    found = find_spec("mlflow")
    places = found.submodule_search_locations if found is not None else None
    files = [path for place in places or () for path in Path(place, "store/db_migrations/versions").glob("*_*.py")]
    earlier = {version for path in files for version in FOLLOWS.findall(path.read_text(encoding="utf-8"))}
    return frozenset(earlier), frozenset(path.name.partition("_")[0] for path in files) - {""}
