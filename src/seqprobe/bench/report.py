"""How long the comparison of thousands of runs takes, and how much memory: `make bench-report`.

A store is copied, each of its populations many times over with another setting, and compared as a user would.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import closing
from pathlib import Path
from threading import Thread

import psutil

from seqprobe.config.places import home, resources

TABLES = ("params", "tags", "latest_metrics")


def main() -> int:
    """Measure and print the result; 1 if there is no store to multiply."""
    parser = argparse.ArgumentParser(description="Compare many runs, and measure it.")
    parser.add_argument("store", nargs="?", type=Path, default=home() / "mlruns", help="a folder with runs to multiply")
    parser.add_argument("--runs", type=int, default=2000, help="how many members to compare, about")
    options = parser.parse_args()
    if not (options.store / "mlflow.db").is_file():
        print(f"error: {options.store}: holds no store; make sweep fills one", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        members = multiply_store(options.store, Path(folder) / "store", options.runs)
        seconds, mebibytes = measure_comparison(Path(folder) / "store")
        page = (Path(folder) / "store/comparison/comparison.html").stat().st_size / 1e6
    print(f"{members} members: {seconds:.1f} s, {mebibytes:.0f} MiB at most, page {page:.1f} MB")
    return 0


def multiply_store(source: Path, target: Path, at_least: int) -> int:
    """Copy a store with its populations until it has at least that many members; how many it has."""
    target.mkdir(parents=True)
    with closing(sqlite3.connect(source / "mlflow.db")) as one, closing(sqlite3.connect(target / "mlflow.db")) as other:
        one.backup(other)
        parents = other.execute("select run_uuid from tags where key = 'seqprobe.kind' and value = 'population'")
        names = [name for (name,) in parents]
        children = {
            name: [
                run
                for (run,) in other.execute(
                    "select run_uuid from tags where key = 'mlflow.parentRunId' and value = ?", (name,)
                )
            ]
            for name in names
        }
        members = once = sum(map(len, children.values()))
        copies = max(0, -(-at_least // once) - 1) if once else 0
        folders = {path.name: path for path in (source / "artifacts").glob("*/*")}
        for copy in range(1, copies + 1):
            for name in names:
                new = {run: uuid.uuid4().hex for run in (name, *children[name])}
                for run in new:
                    copy_run(other, run, new, copy)
                folder = folders.get(name)
                if folder is not None:
                    place = target / "artifacts" / folder.parent.name / new[name] / "artifacts/tables"
                    shutil.copytree(folder / "artifacts/tables", place, copy_function=os.link)
            members += once
        other.commit()
    for name in names:
        if name in folders:
            place = target / "artifacts" / folders[name].parent.name / name / "artifacts/tables"
            shutil.copytree(folders[name] / "artifacts/tables", place, copy_function=os.link)
    return members


def copy_run(database: sqlite3.Connection, run: str, new: dict[str, str], copy: int) -> None:
    """Add a copy of a run, with a setting that no other run has."""
    columns = [row[1] for row in database.execute("pragma table_info(runs)") if row[1] != "run_uuid"]
    listed = ", ".join(columns)
    database.execute(
        f"insert into runs (run_uuid, {listed}) select ?, {listed} from runs where run_uuid = ?", (new[run], run)
    )
    for table in TABLES:
        columns = [row[1] for row in database.execute(f"pragma table_info({table})") if row[1] != "run_uuid"]
        listed = ", ".join(columns)
        database.execute(
            f"insert into {table} (run_uuid, {listed}) select ?, {listed} from {table} where run_uuid = ?",
            (new[run], run),
        )
    database.execute(
        "insert or replace into params (key, value, run_uuid) values ('overrides', ?, ?)", (f"copy={copy}", new[run])
    )
    for old, other in new.items():
        database.execute("update tags set value = ? where run_uuid = ? and value = ?", (other, new[run], old))


def measure_comparison(store: Path) -> tuple[float, float]:
    """Seconds of a comparison and the most memory of all its processes together, in MiB."""
    command = [sys.executable, str(resources("pipelines") / "compare.py"), f"tracking.dir={store}"]
    start, most = time.perf_counter(), [0.0]
    process = subprocess.Popen(command)

    def watch() -> None:
        while process.poll() is None:
            try:
                main_process = psutil.Process(process.pid)
                used = sum(
                    child.memory_full_info().pss for child in (main_process, *main_process.children(recursive=True))
                )
                most[0] = max(most[0], used / 2**20)
            except psutil.Error:
                pass
            time.sleep(0.1)

    watcher = Thread(target=watch)
    watcher.start()
    if process.wait():
        raise SystemExit(process.returncode)
    seconds = time.perf_counter() - start
    watcher.join()
    return seconds, most[0]


if __name__ == "__main__":
    raise SystemExit(main())
