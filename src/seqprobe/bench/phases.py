"""Where the time of the first result and of a sweep goes: `python -m seqprobe.bench.phases`.

Phases are in processor time, which other programs disturb little; what passed in all is to be measured on a machine
that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from seqprobe.bench.cost_page import Table, markdown_table, replace_measured_part
from seqprobe.bench.phase_clocks import OTHER, PHASES
from seqprobe.config.places import resources

BEGIN, END = "<!-- phases: begin -->", "<!-- phases: end -->"
"""The lines of the page between which the table is written."""
FIRST = ("task=sine", "model=rnn", "seeds=5", "trainer.max_steps=1000")
"""The training whose first result is waited for."""
SWEEP = ("seeds=10",)


@dataclass(frozen=True)
class Call:
    """What one call of a command took.

    Attributes:
        passed: seconds until it ended.
        phases: seconds of processor time by phase, of all its processes.
        jobs: how many processes trained.
    """

    passed: float
    phases: Mapping[str, float]
    jobs: int


def main() -> int:
    """Measure, print the table, and write it into the page if one is given."""
    parser = argparse.ArgumentParser(description="Where the time of the first result and of a sweep goes.")
    parser.add_argument("--rounds", type=int, default=3, help="how often the first result is waited for")
    parser.add_argument("--sweep", nargs="*", default=SWEEP, help="overrides of the sweep")
    parser.add_argument("--no-sweep", action="store_true", help="measure the first result alone")
    parser.add_argument("--page", type=Path, help="a page with the marks for the table, such as docs/benchmarks.md")
    options = parser.parse_args()
    first = [call_command("train", FIRST, clocks=True) for _ in range(options.rounds)]
    shown = [call_command("train", FIRST, clocks=False) for _ in range(options.rounds)]
    sweep = None if options.no_sweep else call_command("sweep", options.sweep, clocks=True)
    text = page_text(first, shown, sweep, options.sweep)
    print(text)
    if options.page is not None:
        replace_measured_part(options.page, text, BEGIN, END)
    return 0


def call_command(name: str, overrides: Sequence[str], clocks: bool) -> Call:
    """Call a command in a new store, with clocks around its phases or as users do."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        script = ["-m", "seqprobe.bench.phase_clocks", folder, name] if clocks else [str(script_path(name))]
        command = [sys.executable, *script, *overrides, f"tracking.dir={store}"]
        start, before = time.perf_counter(), used_seconds()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        passed, used = time.perf_counter() - start, used_seconds() - before
        files = [path for path in Path(folder).iterdir() if path.is_file()]
        seconds = summed([json.loads(path.read_text()) for path in files])
        return Call(passed, seconds or {"in all": used}, sum(path.name.startswith("job") for path in files))


def script_path(name: str) -> Path:
    """The script of a command."""
    return resources("pipelines") / f"{name}.py"


def environment() -> dict[str, str]:
    """The environment of a measured command: it finds code that is kept as a user's does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def used_seconds() -> float:
    """Processor time of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def summed(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The seconds of several processes by phase."""
    total = Counter[str]()
    for part in parts:
        total.update(Counter(part))
    return dict(total)


def phase_table(first: Sequence[Call], sweep: Call | None) -> Table:
    """Seconds by phase: of the first result, of one of a sweep's trainings, and of the whole sweep."""
    names = ["phase", "first result"]
    rows = [[phase, f"{median(call.phases.get(phase, 0.0) for call in first):.2f}"] for phase in (*PHASES, OTHER)]
    if sweep is not None:
        names += [f"sweep of {sweep.jobs} trainings", "of it, for one training"]
        for row in rows:
            seconds = sweep.phases.get(row[0], 0.0)
            row += [f"{seconds:.1f}", f"{seconds / sweep.jobs:.2f}"]
    totals = ["in all", f"{median(sum(call.phases.values()) for call in first):.2f}"]
    if sweep is not None:
        whole = sum(sweep.phases.values())
        totals += [f"{whole:.1f}", f"{whole / sweep.jobs:.2f}"]
    return names, [*rows, totals]


def page_text(first: Sequence[Call], shown: Sequence[Call], sweep: Call | None, overrides: Sequence[str]) -> str:
    """The table with what passed in all, in markdown."""
    passed = sorted(call.passed for call in shown)
    used = median(call.phases["in all"] for call in shown)
    lines = [
        f"Seconds of processor time (medians of {len(first)} calls) on {machine()}. First result: "
        f"`python pipelines/train.py {' '.join(FIRST)}` without a store.",
        markdown_table(phase_table(first, sweep)),
        f"From the shell to the end of the first result {median(passed):.1f} s passed [{passed[0]:.1f}, "
        f"{passed[-1]:.1f}], with {used:.1f} s of processor time.",
    ]
    if sweep is not None:
        minutes, seconds = divmod(round(sweep.passed), 60)
        command = " ".join(["pipelines/sweep.py", *overrides])
        lines.append(f"The sweep (`python {command}`, two trainings at a time) took {minutes} min {seconds} s in all.")
    return "\n\n".join(lines)


def machine() -> str:
    """The machine in a few words."""
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}"


if __name__ == "__main__":
    raise SystemExit(main())
