"""How long a comparison of thousands of runs takes, and a sweep in a big store: `make bench-report`.

The populations of a store are copied many times over with another setting, and compared as a user would.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import psutil

from seqprobe.bench.multiplied_store import multiply_store
from seqprobe.config.places import home, resources


def main() -> int:
    """Measure and print the results; 1 if there is no store to multiply."""
    parser = argparse.ArgumentParser(description="Compare many runs and close a sweep beside many, and measure it.")
    parser.add_argument("store", nargs="?", type=Path, default=home() / "mlruns", help="a folder with a sweep's runs")
    parser.add_argument("--compared", type=int, default=200, help="how many populations to compare; 0: none")
    parser.add_argument("--stored", type=int, default=10000, help="how many populations beside the sweep; 0: none")
    options = parser.parse_args()
    if not (options.store / "mlflow.db").is_file():
        print(f"error: {options.store}: holds no store; make sweep fills one", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        if options.compared:
            report_comparison(options.store, Path(folder) / "compared", options.compared)
        if options.stored:
            report_sweep(options.store, Path(folder) / "stored", options.stored)
    return 0


def report_comparison(source: Path, store: Path, populations: int) -> None:
    """Compare many populations, and print what it takes."""
    members = multiply_store(source, store, populations, tables=True)
    seconds, mebibytes, _ = measured_command([str(resources("pipelines") / "compare.py"), f"tracking.dir={store}"])
    page = (store / "comparison/comparison.html").stat().st_size / 1e6
    print(f"{members} members compared: {seconds:.1f} s, {mebibytes:.0f} MiB at most, page {page:.1f} MB")


def report_sweep(source: Path, store: Path, populations: int) -> None:
    """Close the newest sweep beside many other populations, and print what it takes."""
    from seqprobe.bench.big_store import newest_sweep

    sweep, identity = newest_sweep(source / "mlflow.db")
    members = multiply_store(source, store, populations, tables=False, seeds=5)
    command = ["-m", "seqprobe.bench.big_store", str(store), sweep, identity]
    _, mebibytes, output = measured_command(command)
    seconds = json.loads(output.splitlines()[-1])
    print(
        f"{populations} populations ({members} members) in the store: check for a finished one "
        f"{1000 * seconds['check']:.0f} ms, closing of a sweep {seconds['closing']:.1f} s "
        f"({seconds['processor']:.1f} s of processor time), {mebibytes:.0f} MiB at most"
    )


def measured_command(arguments: Sequence[str]) -> tuple[float, float, str]:
    """Seconds of a Python command, the most memory of all its processes together in MiB, and what it printed."""
    start, most = time.perf_counter(), [0.0]
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    watcher = Thread(target=watch_memory, args=(process, most))
    watcher.start()
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(process.returncode)
    seconds = time.perf_counter() - start
    watcher.join()
    return seconds, most[0], output


def watch_memory(process: subprocess.Popen[str], most: list[float]) -> None:
    """Keep in ``most`` the largest sum of the memory of a process and its children, in MiB; shared pages count once."""
    while process.poll() is None:
        try:
            whole = psutil.Process(process.pid)
            used = sum(child.memory_full_info().pss for child in (whole, *whole.children(recursive=True)))
            most[0] = max(most[0], used / 2**20)
        except psutil.Error:
            pass
        time.sleep(0.1)


if __name__ == "__main__":
    raise SystemExit(main())
