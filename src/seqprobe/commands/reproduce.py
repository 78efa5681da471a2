"""What pipelines/reproduce.py runs: train the posts' presets, judge every claim, print, record, and write the page."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

import seqprobe
from seqprobe.checks import InvalidValue, integer
from seqprobe.commands.sweep import sweep_id
from seqprobe.config.build import build_store
from seqprobe.config.compose import Composition, Plain, compose_config
from seqprobe.config.schema import ReproduceConfig
from seqprobe.config.targets import check_keys
from seqprobe.figures import png
from seqprobe.reports.claims import CLAIMS, Verdict, judge
from seqprobe.reports.reproduction_figures import drawings
from seqprobe.reports.verdict_page import PicturePair, page
from seqprobe.reports.verdict_table import counts, frame, table
from seqprobe.run.failure import JobFailed
from seqprobe.run.pool import run_requests
from seqprobe.run.request import Request, compose_all
from seqprobe.seeds import parse_seeds
from seqprobe.tracking.command_run import record_command_run
from seqprobe.tracking.stored_populations import StoredPopulation, populations
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEANINGS = {"not measured": "not_measured"}


def check(plain: Plain, store: Store) -> None:
    """Refuse a config before anything is trained.

    Raises:
        InvalidValue: something in it does not fit.
    """
    check_keys("", plain, [field.name for field in dataclasses.fields(ReproduceConfig)])
    parse_seeds(plain["seeds"])
    integer("jobs", plain["jobs"])
    expanded(plain["trainings"])
    pairs(plain["pairs"])
    if plain["originals"] is not None and not Path(str(plain["originals"])).is_dir():
        raise InvalidValue("originals", plain["originals"], "must be a folder with the posts' pictures, or null")
    if plain["page"] is not None and Path(str(plain["page"])).suffix != ".html":
        raise InvalidValue("page", plain["page"], "must be the path of an .html file, or null")
    if plain["again"] is not None and not populations(store, str(plain["again"])):
        raise InvalidValue("again", plain["again"], "is no reproduction in this store")


def reproduce(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Train, judge and show; how many claims hold.

    Raises:
        InvalidValue: the overrides do not fit.
        JobFailed: some trainings failed; all else was done.
    """
    composition = compose_config(overrides, config_dir, "reproduce")
    plain = composition.config
    start, store, failed = time.perf_counter(), build_store(plain, config_dir), 0
    check(plain, store)
    sweep = plain["again"] and str(plain["again"])
    if sweep is None:
        sweep = f"reproduce-{sweep_id()}"
        results = run_requests(requests(composition, sweep), plain["jobs"])
        failed = sum(result.error is not None for result in results)
    found = {name: run for name, run in populations(store, sweep).items() if run.status == "FINISHED"}
    verdicts = [judge(claim, found) for claim in CLAIMS]
    drawn = drawings(found)
    show(verdicts)
    counted = counts(verdicts)
    record_command_run(
        store,
        "reproduce",
        sweep,
        "reproduction",
        params={"sweep": sweep, "seeds": plain["seeds"]},
        metrics={f"claims/{MEANINGS.get(word, word)}": count for word, count in counted.items()},
        figures=drawn,
        tables={"claims": frame(verdicts)},
        texts={},
    )
    if plain["page"] is not None:
        target = Path(plain["page"])
        target.parent.mkdir(parents=True, exist_ok=True)
        about = described(sweep, found, time.perf_counter() - start if plain["again"] is None else None)
        target.write_text(written(verdicts, plain, found, drawn, about), encoding="utf-8")
        print(f"Page: {target}")
    print(f"Open the UI: {store.opening()}   judge these runs again: pipelines/reproduce.py again={sweep}")
    if failed:
        raise JobFailed(f"{failed} trainings failed; their claims are not measured")
    return float(counted["holds"])


def expanded(trainings: Any) -> list[list[str]]:
    """The overrides of every training: each entry's comma-separated values, in all combinations.

    Raises:
        InvalidValue: it is no list of overrides.
    """
    if not isinstance(trainings, list) or not trainings:
        raise InvalidValue("trainings", trainings, "must be a list of one or more multiruns")
    found = []
    for index, entry in enumerate(trainings):
        if not isinstance(entry, dict) or "experiment" not in entry:
            raise InvalidValue(f"trainings[{index}]", entry, "must be overrides, with experiment among them")
        values = [[f"{key}={value.strip()}" for value in str(given).split(",")] for key, given in entry.items()]
        found += [list(overrides) for overrides in itertools.product(*values)]
    return found


def requests(composition: Composition, sweep: str) -> list[Request]:
    """Every training, composed with the store of the reproduction."""
    seeds = plain_list(parse_seeds(composition.config["seeds"]))
    shared = [*composition.tracking_overrides, f"seeds={seeds}", f"names.sweep={sweep}"]
    override_lists = [[*overrides, *shared] for overrides in expanded(composition.config["trainings"])]
    return compose_all(override_lists, composition.config_dir)


def plain_list(seeds: Sequence[int]) -> str:
    """Seeds as an override takes them."""
    return f"[{','.join(map(str, seeds))}]"


def pairs(node: Any) -> list[PicturePair]:
    """The pairs of pictures that the config lists.

    Raises:
        InvalidValue: one of them lacks a key, or has another.
    """
    names = [field.name for field in dataclasses.fields(PicturePair)]
    for index, entry in enumerate(node if isinstance(node, list) else []):
        if not isinstance(entry, dict) or sorted(entry) != sorted(names):
            raise InvalidValue(f"pairs[{index}]", entry, f"must have {', '.join(names)}")
    if not isinstance(node, list):
        raise InvalidValue("pairs", node, "must be a list")
    return [PicturePair(**{name: str(entry[name]) for name in names}) for entry in node]


def show(verdicts: Sequence[Verdict]) -> None:
    """Print the table of what was measured, and how many verdicts there are of each kind."""
    console = Console(width=None if Console().is_terminal else 180)
    console.print(table([verdict for verdict in verdicts if verdict.word != "not measured"]))
    console.print(", ".join(f"{count} {word}" for word, count in counts(verdicts).items() if count), highlight=False)


def described(sweep: str, found: Mapping[str, StoredPopulation], seconds: float | None) -> str:
    """What was run, in words."""
    seeds = sorted({len(run.seeds) for run in found.values()})
    took = "" if seconds is None else f", trained in {seconds / 60:.0f} minutes"
    return (
        f"seqprobe {seqprobe.__version__} · {time.strftime('%Y-%m-%d')} · {len(found)} populations of "
        f"{' or '.join(map(str, seeds))} seeds{took} · {sweep}"
    )


def written(
    verdicts: Sequence[Verdict],
    plain: Plain,
    found: Mapping[str, StoredPopulation],
    drawn: Mapping[str, Figure],
    about: str,
) -> str:
    """The page as HTML."""
    kept: dict[tuple[str, str], bytes | None] = {}

    def picture(run: str, artifact: str) -> bytes | None:
        if (run, artifact) not in kept:
            if run:
                kept[run, artifact] = found[run].artifact(artifact) if run in found else None
            else:
                figure = drawn.get(Path(artifact).stem)
                kept[run, artifact] = None if figure is None else png(figure)
        return kept[run, artifact]

    originals = Path(plain["originals"]) if plain["originals"] else None
    return page(verdicts, pairs(plain["pairs"]), picture, originals, about, "make reproduce")
