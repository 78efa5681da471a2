"""Where a reproduction writes its verdicts, the pictures in docs/ that are drawn with them, and the findings there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqprobe.commands.reproduction_options import AUTO, ReproductionOptions
from seqprobe.commands.reproduction_plan import Reproduction
from seqprobe.config.places import resources
from seqprobe.figures import png
from seqprobe.reports.claims.verdict import NOT_MEASURED
from seqprobe.reports.page_pictures import compressed_png

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

DOCUMENTED = {5: "verdicts.csv", 20: "verdicts_20.csv"}
"""The files in docs/ from which its tables are made, by the number of seeds."""


def verdict_file(options: ReproductionOptions, plan: Reproduction, frame: pd.DataFrame) -> Path | None:
    """Where the table of verdicts is written, if anywhere.

    With ``auto`` that is docs/, if the table is whole, of 5 or 20 seeds, and in a checkout.
    """
    if options.verdicts != AUTO:
        return None if options.verdicts is None else Path(options.verdicts)
    seeds = list(options.seeds)
    file = DOCUMENTED.get(len(seeds)) if seeds == list(range(len(seeds))) else None
    is_whole = plan.is_complete and NOT_MEASURED not in set(frame["verdict"]) and resources("docs").is_dir()
    return resources("docs") / file if file and is_whole else None


def write_verdicts(frame: pd.DataFrame, target: Path) -> None:
    """Write the table of verdicts."""
    target.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(target, index=False, lineterminator="\n")
    print(f"Verdicts: {target}")


def findings_address() -> str:
    """Where this machine has the findings, on the site that ``make docs`` builds or else as text; empty without."""
    files = (resources("docs") / place for place in ("_build/html/findings.html", "findings.md"))
    return next((file.as_uri() for file in files if file.is_file()), "")


def redraw_pictures(folder: Path, figures: Mapping[str, Figure]) -> None:
    """Draw those figures anew that the docs show, if this is their folder."""
    if folder == resources("docs"):
        for shown in (folder / "images" / "reproduction").glob("*.png"):
            if shown.stem in figures:
                shown.write_bytes(compressed_png(png(figures[shown.stem])))
