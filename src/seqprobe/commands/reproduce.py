"""What pipelines/reproduce.py runs: train what the chosen claims need, judge them, print, record, write the page."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

import seqprobe
from seqprobe.checks import InvalidValue
from seqprobe.commands.reproduction_options import ReproductionOptions
from seqprobe.commands.reproduction_plan import (
    Reproduction,
    built_requests,
    check_probes,
    chosen_launcher,
    composed_trainings,
    planned_reproduction,
)
from seqprobe.commands.verdict_files import findings_address, redraw_pictures, verdict_file, write_verdicts
from seqprobe.config.build import build_store
from seqprobe.config.compose import Composition, compose_config
from seqprobe.failure import JobFailed
from seqprobe.figures import png
from seqprobe.reports.claims import FigureSource, Verdict, judge
from seqprobe.reports.claims.verdict import HOLDS, NOT_MEASURED
from seqprobe.reports.reproduction_figures import drawn_figures
from seqprobe.reports.verdict_page import page
from seqprobe.reports.verdict_table import verdict_counts, verdict_frame, verdict_table
from seqprobe.run.command_lines import command_here, ui_command_here
from seqprobe.run.pool import run_requests
from seqprobe.run.pools.pool_choice import make_pool
from seqprobe.run.sweep_name import sweep_id
from seqprobe.scoring import MetricName
from seqprobe.tracking.command_run import record_command_run
from seqprobe.tracking.stored_populations import StoredPopulation, population_name, populations
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def reproduce(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Train, judge and show; how many claims hold.

    Raises:
        InvalidValue: the overrides, a claim or a training does not fit.
        JobFailed: some trainings failed; all else was done.
    """
    start, composition = time.perf_counter(), compose_config(overrides, config_dir, "reproduce")
    store = build_store(composition.config, config_dir)
    options = ReproductionOptions.parse(composition.config)
    if options.again is not None and not populations(store, options.again):
        raise InvalidValue("again", options.again, "is no reproduction in this store")
    plan = planned_reproduction(options.claims, options.post, composition.config_dir, trust=composition.config["trust"])
    sweep = options.again or f"reproduce-{sweep_id()}"
    trainings = composed_trainings(plan.runs, options.seeds, options.engine, composition, sweep)
    check_probes(plan.claims, trainings)
    failed = 0
    if options.again is None:
        pool = make_pool(chosen_launcher(overrides, config_dir, options.jobs))
        results = run_requests(built_requests(trainings), pool)
        failed = sum(result.error is not None for result in results)
    runs = finished_populations(store, sweep, trainings)
    verdicts = [judge(claim, runs) for claim in plan.claims]
    figures = drawn_figures(plan.drawings, runs)
    print_verdicts(verdicts)
    frame = verdict_frame(verdicts, engines(runs))
    record_verdicts(store, sweep, options, verdicts, frame, figures)
    seconds = time.perf_counter() - start if options.again is None else None
    about = description(sweep, runs, seconds)
    print(about)
    write_page(options, plan, verdicts, runs, figures, about)
    target = verdict_file(options, plan, frame)
    if target is not None:
        write_verdicts(frame, target)
        redraw_pictures(target.parent, figures)
    print(f"Open the UI: {ui_command_here(store)}")
    print(f"Judge these runs again: {judging_command(overrides, config_dir, sweep)}")
    if failed:
        raise JobFailed(f"{failed} trainings failed; their claims are not measured")
    return float(verdict_counts(verdicts)[HOLDS])


def judging_command(overrides: Sequence[str], config_dir: Path | None, sweep: str) -> str:
    """The command line that judges a reproduction's runs again."""
    flags = [] if config_dir is None else ["--config-dir", str(config_dir)]
    others = [text for text in overrides if not text.startswith("again=")]
    return command_here("reproduce", *flags, *others, f"again={sweep}")


def finished_populations(store: Store, sweep: str, trainings: Mapping[str, Composition]) -> dict[str, StoredPopulation]:
    """The finished populations of a sweep by the overrides that train them."""
    stored = populations(store, sweep)
    names = {run: population_name(training.config["names"]) for run, training in trainings.items()}
    return {run: stored[name] for run, name in names.items() if name in stored and stored[name].status == "FINISHED"}


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print the table of what was measured, and how many verdicts there are of each kind."""
    console = Console(width=None if Console().is_terminal else 180)
    console.print(verdict_table([verdict for verdict in verdicts if verdict.word != NOT_MEASURED]))
    counts = verdict_counts(verdicts)
    console.print(", ".join(f"{count} {word}" for word, count in counts.items() if count), highlight=False)


def record_verdicts(
    store: Store,
    sweep: str,
    options: ReproductionOptions,
    verdicts: Sequence[Verdict],
    frame: pd.DataFrame,
    figures: Mapping[str, Figure],
) -> None:
    """Record the verdicts in the MLflow experiment ``reproduce``."""
    counts = verdict_counts(verdicts)
    record_command_run(
        store,
        "reproduce",
        sweep,
        "reproduction",
        params={"sweep": sweep, "seeds": ",".join(map(str, options.seeds)), "engine": options.engine},
        metrics={str(MetricName("claims", word.replace(" ", "_"))): count for word, count in counts.items()},
        figures=figures,
        tables={"claims": frame},
        texts={},
        note=f"Claims of the posts: {', '.join(f'{word} {count:g}' for word, count in counts.items())}.",
    )


def description(sweep: str, runs: Mapping[str, StoredPopulation], seconds: float | None) -> str:
    """What was run, in words."""
    seeds = sorted({len(run.seeds) for run in runs.values()})
    took = "" if seconds is None else f", trained in {seconds / 60:.0f} minutes"
    return (
        f"seqprobe {seqprobe.__version__} · {time.strftime('%Y-%m-%d')} · {len(runs)} populations of "
        f"{' or '.join(map(str, seeds))} seeds{took} · engine {engines(runs)} · {sweep}"
    )


def engines(runs: Mapping[str, StoredPopulation]) -> str:
    """Which engines trained the populations, as they recorded."""
    return " or ".join(sorted({run.params.get("engine", "unknown") for run in runs.values()}))


def write_page(
    options: ReproductionOptions,
    plan: Reproduction,
    verdicts: Sequence[Verdict],
    runs: Mapping[str, StoredPopulation],
    figures: Mapping[str, Figure],
    about: str,
) -> None:
    """Write the page, if there is a path for it."""
    if options.page is None:
        return
    contents: dict[FigureSource, bytes | None] = {}

    def picture(source: FigureSource) -> bytes | None:
        if source not in contents:
            figure = figures.get(Path(source.artifact).stem)
            drawn = None if source.run or figure is None else png(figure)
            contents[source] = runs[source.run].artifact(source.artifact) if source.run in runs else drawn
        return contents[source]

    text = page(verdicts, plan.pairs, picture, options.originals, about, "make reproduce", findings_address())
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(text, encoding="utf-8")
    print("Page:", options.page.resolve().as_uri(), sep="\n")
