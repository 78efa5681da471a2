"""What pipelines/reproduce.py runs: train what the chosen claims need, judge them, print, record, write the page."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

import seqprobe
from seqprobe.checks import InvalidValue, integer
from seqprobe.commands.reproduction_plan import (
    Reproduction,
    built_requests,
    check_probes,
    composed_trainings,
    planned_reproduction,
)
from seqprobe.commands.sweep import sweep_id
from seqprobe.config.build import build_store
from seqprobe.config.compose import Composition, Plain, compose_config
from seqprobe.config.places import resources
from seqprobe.config.schema import ReproduceConfig
from seqprobe.config.targets import check_keys
from seqprobe.figures import png
from seqprobe.reports.claims import FigureSource, Verdict, judge
from seqprobe.reports.reproduction_figures import drawn_figures
from seqprobe.reports.verdict_page import page
from seqprobe.reports.verdict_table import verdict_counts, verdict_frame, verdict_table
from seqprobe.run.failure import JobFailed
from seqprobe.run.pool import run_requests
from seqprobe.scoring import MetricName
from seqprobe.seeds import parse_seeds
from seqprobe.tracking.command_run import record_command_run
from seqprobe.tracking.stored_populations import StoredPopulation, population_name, populations
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AUTO = "auto"


def check(plain: Plain, store: Store) -> None:
    """Refuse a config before anything is trained.

    Raises:
        InvalidValue: something in it does not fit.
    """
    check_keys("", plain, [field.name for field in dataclasses.fields(ReproduceConfig)])
    parse_seeds(plain["seeds"])
    integer("jobs", plain["jobs"])
    if plain["originals"] is not None and not Path(str(plain["originals"])).is_dir():
        raise InvalidValue("originals", plain["originals"], "must be a folder with the posts' pictures, or null")
    if plain["page"] is not None and Path(str(plain["page"])).suffix != ".html":
        raise InvalidValue("page", plain["page"], "must be the path of an .html file, or null")
    if plain["verdicts"] not in (None, AUTO) and Path(str(plain["verdicts"])).suffix != ".csv":
        raise InvalidValue("verdicts", plain["verdicts"], f"must be the path of a .csv file, {AUTO}, or null")
    if plain["again"] is not None and not populations(store, str(plain["again"])):
        raise InvalidValue("again", plain["again"], "is no reproduction in this store")


def reproduce(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Train, judge and show; how many claims hold.

    Raises:
        InvalidValue: the overrides, a claim or a training does not fit.
        JobFailed: some trainings failed; all else was done.
    """
    composition = compose_config(overrides, config_dir, "reproduce")
    plain, start = composition.config, time.perf_counter()
    store = build_store(plain, config_dir)
    check(plain, store)
    plan = planned_reproduction(plain, composition.config_dir)
    sweep = str(plain["again"] or f"reproduce-{sweep_id()}")
    trainings = composed_trainings(plan.runs, composition, sweep)
    check_probes(plan.claims, trainings)
    failed = 0
    if plain["again"] is None:
        results = run_requests(built_requests(trainings), plain["jobs"])
        failed = sum(result.error is not None for result in results)
    runs = finished_populations(store, sweep, trainings)
    verdicts = [judge(claim, runs) for claim in plan.claims]
    figures = drawn_figures(plan.drawings, runs)
    print_verdicts(verdicts)
    record_verdicts(store, sweep, plain, verdicts, figures)
    seconds = time.perf_counter() - start if plain["again"] is None else None
    write_page(plain, plan, verdicts, runs, figures, description(sweep, runs, seconds))
    write_verdicts(plain["verdicts"], plan, verdicts)
    print(f"Open the UI: {store.ui_command()}   judge these runs again: pipelines/reproduce.py again={sweep}")
    if failed:
        raise JobFailed(f"{failed} trainings failed; their claims are not measured")
    return float(verdict_counts(verdicts)["holds"])


def finished_populations(store: Store, sweep: str, trainings: Mapping[str, Composition]) -> dict[str, StoredPopulation]:
    """The finished populations of a sweep by the overrides that train them."""
    stored = populations(store, sweep)
    names = {run: population_name(training.config["names"]) for run, training in trainings.items()}
    return {run: stored[name] for run, name in names.items() if name in stored and stored[name].status == "FINISHED"}


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print the table of what was measured, and how many verdicts there are of each kind."""
    console = Console(width=None if Console().is_terminal else 180)
    console.print(verdict_table([verdict for verdict in verdicts if verdict.word != "not measured"]))
    counts = verdict_counts(verdicts)
    console.print(", ".join(f"{count} {word}" for word, count in counts.items() if count), highlight=False)


def record_verdicts(
    store: Store, sweep: str, plain: Plain, verdicts: Sequence[Verdict], figures: Mapping[str, Figure]
) -> None:
    """Record the verdicts in the MLflow experiment ``reproduce``."""
    counts = verdict_counts(verdicts)
    record_command_run(
        store,
        "reproduce",
        sweep,
        "reproduction",
        params={"sweep": sweep, "seeds": plain["seeds"]},
        metrics={str(MetricName("claims", word.replace(" ", "_"))): count for word, count in counts.items()},
        figures=figures,
        tables={"claims": verdict_frame(verdicts)},
        texts={},
    )


def description(sweep: str, runs: Mapping[str, StoredPopulation], seconds: float | None) -> str:
    """What was run, in words."""
    seeds = sorted({len(run.seeds) for run in runs.values()})
    took = "" if seconds is None else f", trained in {seconds / 60:.0f} minutes"
    return (
        f"seqprobe {seqprobe.__version__} · {time.strftime('%Y-%m-%d')} · {len(runs)} populations of "
        f"{' or '.join(map(str, seeds))} seeds{took} · {sweep}"
    )


def write_page(
    plain: Plain,
    plan: Reproduction,
    verdicts: Sequence[Verdict],
    runs: Mapping[str, StoredPopulation],
    figures: Mapping[str, Figure],
    about: str,
) -> None:
    """Write the page, if the config has a path for it."""
    if plain["page"] is None:
        return
    contents: dict[FigureSource, bytes | None] = {}

    def picture(source: FigureSource) -> bytes | None:
        if source not in contents:
            figure = figures.get(Path(source.artifact).stem)
            drawn = None if source.run or figure is None else png(figure)
            contents[source] = runs[source.run].artifact(source.artifact) if source.run in runs else drawn
        return contents[source]

    originals = Path(plain["originals"]) if plain["originals"] else None
    target = Path(plain["page"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(verdicts, plan.pairs, picture, originals, about, "make reproduce"), encoding="utf-8")
    print(f"Page: {target}")


def write_verdicts(path: str | None, plan: Reproduction, verdicts: Sequence[Verdict]) -> None:
    """Write the table of verdicts; with ``auto`` to docs/verdicts.csv, if it is a whole one and this is a checkout."""
    target = resources("docs") / "verdicts.csv" if path == AUTO else None if path is None else Path(path)
    is_whole = plan.is_complete and not verdict_counts(verdicts)["not measured"]
    if target is None or (path == AUTO and not (is_whole and target.parent.is_dir())):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    verdict_frame(verdicts).to_csv(target, index=False, lineterminator="\n")
    print(f"Verdicts: {target}")
