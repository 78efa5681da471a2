"""The report of a comparison: its page, tables and figures, written into a folder and recorded."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

import seqprobe
from seqprobe.commands.compared_members import ComparedMembers
from seqprobe.commands.comparison_options import ReportOptions
from seqprobe.files import write_atomically
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.comparison_page import Header, comparison_page
from seqprobe.reports.comparison_rows import Link
from seqprobe.reports.page import file_name, unique_slugs
from seqprobe.reports.swept_charts import swept_picture
from seqprobe.reports.table_formats import difference_frame, latex_tables, markdown_tables, overview_note, score_frame
from seqprobe.reports.task_pictures import task_pictures
from seqprobe.tracking.command_run import record_command_run
from seqprobe.tracking.stores.shared_view import run_address
from seqprobe.tracking.stores.store import Store

UI = "http://127.0.0.1:5000"
"""Where `make ui` serves the embedded store."""


def write_report(members: ComparedMembers, options: ReportOptions, commands: Sequence[str]) -> float:
    """Write and record the comparisons of members; return their number."""
    store, current, compared = members.store, members.current, members.comparisons
    drawn = task_pictures(compared, store) if "html" in options.formats else {}
    swept = [swept_picture(parameter) for parameter in members.swept]
    older = members.selected["run_id"].nunique() - current["run_id"].nunique()
    ui = ui_address(store, options.ui)
    header = page_header(current, older, commands, store, ui)
    draw = partial(comparison_page, compared, drawn, header, run_links(ui), swept)
    files = report_files(compared, draw, options.formats)
    options.folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        write_atomically(options.folder / path, content.encode())
    pictures = {
        f"figures/{place}/{file_name(chart.name)}.svg": chart.file()
        for task, place in unique_slugs(list(drawn)).items()
        for chart in drawn[task].all_charts
    }
    charts = [picture.chart for picture in swept]
    pictures |= {f"figures/{file_name(chart.title)}.svg": chart.file() for chart in charts}
    if store.is_writable():
        record_command_run(
            store,
            "comparison",
            f"comparison · {current['parent_id'].nunique()} populations",
            "comparison",
            params={"tasks": len(compared), "command": commands[-1][:500]},
            metrics={"members": float(current["run_id"].nunique())},
            figures={},
            tables={},
            texts={**files, **pictures},
            note=overview_note(compared),
        )
    else:
        print(f"{store.uri} cannot be written: the comparison is not recorded there", file=sys.stderr)
    page, *others = sorted(files, key=lambda path: not path.endswith(".html"))
    print(f"Comparison, with {', '.join(others)} beside it:" if others else "Comparison:")
    print((options.folder / page).resolve().as_uri())
    return float(len(compared))


def report_files(compared: Sequence[Comparison], page: Callable[[], str], formats: Sequence[str]) -> dict[str, str]:
    """The contents of all files by name."""
    contents: dict[str, Callable[[], dict[str, str]]] = {
        "html": lambda: {"comparison.html": page()},
        "csv": lambda: {
            "scores.csv": score_frame(compared).to_csv(index=False),
            "differences.csv": difference_frame(compared).to_csv(index=False),
        },
        "markdown": lambda: {"comparison.md": markdown_tables(compared)},
        "latex": lambda: {"comparison.tex": latex_tables(compared)},
    }
    return {path: content for name in dict.fromkeys(formats) for path, content in contents[name]().items()}


def page_header(current: pd.DataFrame, older: int, commands: Sequence[str], store: Store, ui: str) -> Header:
    """The head and the foot of the page; ``older`` runs are replaced by later ones."""
    runs = current.drop_duplicates("run_id")
    counts = {"task": runs["task"].nunique(), "population": runs["parent_id"].nunique(), "member": len(runs)}
    counted = [f"{count} {word}{'s' if count != 1 else ''}" for word, count in counts.items()]
    lines = [" · ".join([f"seqprobe {seqprobe.__version__}", time.strftime("%Y-%m-%d %H:%M"), *counted])]
    if older:
        lines.append(
            f"{older} more runs are left out: of runs with the same name the newest training with a finished run "
            "counts, and of a seed its newest finished run."
        )
    return Header(lines, [*commands, store.ui_command()], ui)


def ui_address(store: Store, stated: str | None) -> str:
    """Where the MLflow UI is."""
    return (stated or (store.uri if store.uri.startswith("http") else UI)).rstrip("/")


def run_links(ui: str) -> Link:
    """Addresses of runs in the UI, as trainings: without the type it may open them as traces of language models."""
    return partial(run_address, ui)
