"""What pipelines/compare.py runs: select runs, compare models, draw, write the page and its tables, and record them."""

from __future__ import annotations

import dataclasses
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import seqprobe
from seqprobe.checks import InvalidValue, choice
from seqprobe.commands.since import moment
from seqprobe.config.build import build_store
from seqprobe.config.compose import Plain, compose_config
from seqprobe.config.schema import CompareConfig
from seqprobe.config.targets import check_keys
from seqprobe.files import write_atomically
from seqprobe.reports.comparison import Comparison, comparisons
from seqprobe.reports.comparison_figures import Picture
from seqprobe.reports.comparison_page import About, Link, addresses, document
from seqprobe.reports.selection import current, narrowed
from seqprobe.reports.table_formats import difference_frame, latex, markdown, score_frame
from seqprobe.reports.verdict_page import file_name
from seqprobe.run.drawing_pool import Drawers, drawers
from seqprobe.tracking.command_run import record_command_run
from seqprobe.tracking.run_frames import members
from seqprobe.tracking.stores.embedded import writable
from seqprobe.tracking.stores.store import Store

FORMATS = ("html", "csv", "markdown", "latex")
UI = "http://127.0.0.1:5000"
"""Where `make ui` serves the embedded store."""


def check(plain: Plain, store: Store) -> None:
    """Refuse a config before anything is written.

    Raises:
        InvalidValue: something in it does not fit.
    """
    check_keys("", plain, [field.name for field in dataclasses.fields(CompareConfig)])
    for key in ("experiments", "models"):
        names(key, plain[key])
    moment(plain["since"])
    if not isinstance(plain["formats"], list) or not plain["formats"]:
        raise InvalidValue("formats", plain["formats"], f"must be a list of one or more of {', '.join(FORMATS)}")
    for each in plain["formats"]:
        choice("formats", each, FORMATS)
    check_folder(plain["folder"])
    chosen(store, plain)


def check_folder(folder: Any) -> None:
    """Refuse a place where no files can be written.

    Raises:
        InvalidValue: it is none.
    """
    if not isinstance(folder, str) or not folder:
        raise InvalidValue("folder", folder, "must be the path of a folder")
    wanted = Path(folder).absolute()
    existing = next(path for path in (wanted, *wanted.parents) if path.exists())
    if not existing.is_dir() or not writable(existing):
        raise InvalidValue("folder", folder, f"must be a folder that can be written: {existing} is not")


def compare(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Compare, write and record; how many tasks there were.

    Raises:
        InvalidValue: the overrides do not fit.
    """
    plain = compose_config(overrides, config_dir, "compare").config
    store = build_store(plain, config_dir)
    check(plain, store)
    command = shlex.join(["python", "pipelines/compare.py", *sys.argv[1:]])
    with drawers() as ready:
        return report(store, chosen(store, plain), plain, [command], ready)


def names(key: str, given: Any) -> list[str] | None:
    """A list of names, or None for all.

    Raises:
        InvalidValue: it is neither.
    """
    if given is None or (isinstance(given, list) and given and all(isinstance(each, str) for each in given)):
        return given
    raise InvalidValue(key, given, f"must be a list of names, as in '{key}=[a,b]', or null")


def chosen(store: Store, plain: Mapping[str, Any]) -> pd.DataFrame:
    """The members that the config selects.

    Raises:
        InvalidValue: there are none, or a name is of none.
    """
    sweep = plain["sweep_id"]
    found = members(store, sweep and str(sweep))
    if not len(found):
        raise InvalidValue("sweep_id" if sweep else "tracking", sweep or store.uri, "has no runs")
    for key, column in (("experiments", "task"), ("models", "model")):
        known = sorted(set(found[column]))
        for name in names(key, plain[key]) or []:
            choice(key, name, known)
    kept = narrowed(found, plain["experiments"], plain["models"], moment(plain["since"]))
    if not len(kept):
        raise InvalidValue("since", plain["since"], "no run that is selected started so lately")
    return kept


def report(
    store: Store, selected: pd.DataFrame, plain: Mapping[str, Any], commands: Sequence[str], ready: Drawers
) -> float:
    """Compare members and write all that is asked for; how many tasks there were."""
    kept = current(selected)
    found = comparisons(kept)
    drawn = ready.draw(found, store) if "html" in plain["formats"] else {}
    older = selected["run_id"].nunique() - kept["run_id"].nunique()
    files = written(found, drawn, plain["formats"], about(kept, older, commands, store), links(store, plain["ui"]))
    folder = Path(str(plain["folder"]))
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        write_atomically(folder / path, content.encode())
    pictures = {
        f"figures/{place}/{file_name(each.name)}.svg": each.svg
        for task, place in addresses(list(drawn)).items()
        for each in drawn[task]
    }
    record_command_run(
        store,
        "comparison",
        f"comparison · {kept['parent_id'].nunique()} populations",
        "comparison",
        params={"tasks": len(found), "command": commands[-1][:500]},
        metrics={"members": float(kept["run_id"].nunique())},
        figures={},
        tables={},
        texts={**files, **pictures},
    )
    print(f"Comparison: {', '.join(str(folder / path) for path in files)}")
    return float(len(found))


def written(
    found: Sequence[Comparison],
    drawn: Mapping[str, Sequence[Picture]],
    formats: Sequence[str],
    about: About,
    link: Link,
) -> dict[str, str]:
    """Files by name."""
    made: dict[str, Callable[[], dict[str, str]]] = {
        "html": lambda: {"comparison.html": document(found, drawn, about, link)},
        "csv": lambda: {
            "scores.csv": score_frame(found).to_csv(index=False),
            "differences.csv": difference_frame(found).to_csv(index=False),
        },
        "markdown": lambda: {"comparison.md": markdown(found)},
        "latex": lambda: {"comparison.tex": latex(found)},
    }
    return {path: content for each in dict.fromkeys(formats) for path, content in made[each]().items()}


def about(kept: pd.DataFrame, older: int, commands: Sequence[str], store: Store) -> About:
    """What the page says of itself."""
    runs = kept.drop_duplicates("run_id")
    counts = {"task": runs["task"].nunique(), "population": runs["parent_id"].nunique(), "member": len(runs)}
    counted = [f"{count} {word}{'s' if count != 1 else ''}" for word, count in counts.items()]
    lines = [" · ".join([f"seqprobe {seqprobe.__version__}", time.strftime("%Y-%m-%d %H:%M"), *counted])]
    if older:
        lines.append(
            f"{older} more runs are left out: of those that are called the same, the newest training with a finished "
            "run counts, and of a seed its newest finished run."
        )
    return About(lines, [*commands, store.opening()])


def links(store: Store, ui: str | None) -> Link:
    """Addresses of runs in the UI."""
    base = (ui or (store.uri if store.uri.startswith("http") else UI)).rstrip("/")
    return lambda experiment, run: f"{base}/#/experiments/{experiment}/runs/{run}"
