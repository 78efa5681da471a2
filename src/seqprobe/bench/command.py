"""`make bench`: measure, print the tables, record them in MLflow, and write the page of benchmarks."""

from __future__ import annotations

import dataclasses
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from seqprobe.bench import cost_page as page
from seqprobe.bench.benchmark import Measurements, benchmark, count_turns
from seqprobe.bench.kept_costs import SLOWER, kept_costs, relative_costs, slower_table
from seqprobe.bench.ratios import medians
from seqprobe.bench.shapes import check_unique, read_shapes, shape_experiment
from seqprobe.checks import InvalidValue, choice, integer, number, user_path
from seqprobe.config.build import build_store, trusted_folders
from seqprobe.config.compose import Plain, compose_config
from seqprobe.config.schema import BenchConfig
from seqprobe.config.targets import check_keys
from seqprobe.config.trust import check_trust
from seqprobe.learning.engine_choice import ENGINE_CHOICES
from seqprobe.run.progress import progress_bar
from seqprobe.tracking.command_run import record_command_run
from seqprobe.tracking.stores.store import Store

CALL = "make bench"


def check(plain: Plain, config_dir: Path | None = None) -> None:
    """Refuse a config before anything is measured.

    Raises:
        InvalidValue: something in it does not fit.
    """
    check_trust(plain, trusted_folders(config_dir))
    check_keys("", plain, [field.name for field in dataclasses.fields(BenchConfig)])
    integer("rounds", plain["rounds"])
    if number("seconds", plain["seconds"]) <= 0:
        raise InvalidValue("seconds", plain["seconds"], "must be > 0")
    for key, values in (("seeds", plain["seeds"]), ("engines", plain["engines"])):
        if not isinstance(values, list) or not values:
            raise InvalidValue(key, values, "must be a list that is not empty")
    for engine in plain["engines"]:
        choice("engines", engine, ENGINE_CHOICES)
    for seeds in plain["seeds"]:
        integer("seeds", seeds)
    check_unique("engines", plain["engines"])
    check_unique("seeds", plain["seeds"])
    for shape in read_shapes(plain["shapes"], plain["models"]):
        try:
            task = shape_experiment(plain, shape, [0], "auto", 1).task
        except InvalidValue as problem:
            key = re.sub(r"^model\b", f"models.{shape.model}", problem.key)
            raise InvalidValue(key, problem.value, problem.allowed) from problem
        if (task.kind, task.loss, task.input_size, task.output_size) != ("seq2vec", "mse", 1, 1):
            raise InvalidValue("task", task.name, "must read one feature and name one number, as amplitude does")
    if plain["page"] is not None:
        target = user_path("page", plain["page"])
        if target.exists() or not target.parent.is_dir():  # a new page is made
            page.check_page(target)
    if plain["against"] is not None:
        kept_costs(user_path("against", plain["against"]))


def bench(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Measure everything; the median milliseconds per seed and update of all sides.

    Raises:
        InvalidValue: the overrides do not fit; nothing is measured.
    """
    plain = compose_config(overrides, config_dir, "bench").config
    check(plain, config_dir)
    store = build_store(plain, config_dir)
    # Lightning advises on data loaders and warns of torch's own deprecations; what is measured stays as it is.
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    total, finished = count_turns(plain), iter(range(1, count_turns(plain) + 1))
    with progress_bar("benchmark", total) as (progress, _):
        measured = benchmark(plain, lambda words: progress(next(finished), total, words))
    print_tables(measured)
    if plain["against"] is not None:
        print_slower(measured, user_path("against", plain["against"]))
    publish(measured, plain, store)
    print(f"Open the UI: {store.ui_command()}")
    return float(measured.frame["ms"].median())


def print_tables(measured: Measurements) -> None:
    """Print every table."""
    console = wide_console()
    console.print(measured.machine, markup=False, highlight=False)
    for heading, table in page.tables(measured).items():
        console.print(shown_table(heading, table))


def print_slower(measured: Measurements, kept: Path) -> None:
    """Print what became slower than a page keeps; a report, which fails nothing."""
    costs = relative_costs(measured, kept_costs(kept))
    names, rows = slower_table(costs)
    compared = f"{len(costs)} costs compared with {kept.name}, as multiples of the bare loop's"
    if rows:
        print(f"{compared}: {len(rows)} greater in every round, by the median more than {SLOWER:g} times")
        wide_console().print(shown_table("What became slower", (names, rows)))
    else:
        print(f"{compared}: none is greater in every round and by the median more than {SLOWER:g} times")


def wide_console() -> Console:
    """A console as wide as the terminal, or wide enough for every table where there is none."""
    return Console(width=None if Console().is_terminal else 200)


def shown_table(heading: str, contents: page.Table) -> Table:
    """A table for the terminal."""
    names, rows = contents
    table = Table(title=heading, title_justify="left")
    for index, name in enumerate(names):
        table.add_column(name, justify="right" if index else "left")
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    return table


def publish(measured: Measurements, plain: Plain, store: Store) -> None:
    """Record it in the MLflow experiment ``bench`` and, if there is a page, write it there."""
    figure = page.cost_figure(measured)
    metrics = {
        f"ms/{slug(str(shape))}/{slug(side)}/{seeds}": ms
        for shape, frame in measured.frames.items()
        for (side, seeds), ms in medians(frame).items()
    }
    record_command_run(
        store,
        "bench",
        "benchmark",
        "benchmark",
        params={"machine": measured.machine, "rounds": plain["rounds"], "threads": plain["threads"]},
        metrics=metrics,
        figures={"cost_per_seed": figure},
        tables={"measurements": measured.frame},
        texts={
            "config.yaml": yaml.safe_dump(plain, sort_keys=False),
            "benchmarks.md": page.page_text(measured, None, CALL),
        },
        note="What a seed costs: milliseconds for each seed by cell, framework and number of seeds.",
    )
    if plain["page"] is not None:
        target = user_path("page", plain["page"])
        picture = Path("images", f"{target.stem}.png")
        (target.parent / picture).parent.mkdir(exist_ok=True)
        figure.savefig(target.parent / picture)
        if not target.exists():
            target.write_text(f"{page.BEGIN}\n{page.END}\n")
        page.replace_measured_part(target, page.page_text(measured, picture.as_posix(), CALL))


def slug(name: str) -> str:
    """A name as MLflow takes it in a metric."""
    return name.replace(",", "").replace(" ", "_")
