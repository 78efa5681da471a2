"""Write the parts of the docs that are made from data: `python docs/tables.py`, which `make docs` runs first.

A generated part stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from seqprobe.reports.number_format import number_text

ROOT = Path(__file__).parents[1]
VERDICTS = ROOT / "docs" / "verdicts.csv"
"""Written by `make reproduce`."""
NO_VERDICTS = "Not measured in this checkout yet: `make reproduce` measures every claim and writes `verdicts.csv`."
"""What stands in place of the verdicts before."""
POSTS = {"0": "Lstm Toy Examples", "1": "Long-term short-term memory", "2": "Making sense of LSTMs by example"}
KINDS = {"post": "the post", "control": "a control", "ours": "ours"}
WORDS = {"holds": "hold", "partly": "hold partly", "fails": "fail", "not measured": "were not measured"}

Row = Mapping[str, str]


def verdicts(path: Path = VERDICTS) -> list[Row]:
    """One row per claim, as `make reproduce` wrote them."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(text.replace("|", r"\|") for text in line) + " |" for line in lines)


def number(text: str) -> str:
    """A measured number with three digits; a dash where there is none, and where it is infinite, ``never``."""
    return "–" if not text else number_text(float(text), infinite="never")


def measured(row: Row) -> str:
    """The median over seeds with its interval."""
    if row["low"] == row["high"]:
        return number(row["median"])
    return f"{number(row['median'])} [{number(row['low'])}, {number(row['high'])}]"


def verdict_tables(rows: Sequence[Row]) -> str:
    """A heading and a table for each post, below how many verdicts there are of each kind."""
    parts = [f"Of {len(rows)} claims, {verdict_counts(rows)}."]
    for post, title in POSTS.items():
        shown = [verdict_cells(row) for row in rows if row["post"] == post]
        header = ["claim", "source", "measured", "median", "true if", "seeds", "verdict"]
        parts += [f"## Post {post}: {title}", markdown_table(header, shown)]
    return "\n\n".join(parts)


def verdict_cells(row: Row) -> list[str]:
    """A claim as a row of a table."""
    return [
        row["says"],
        KINDS[row["kind"]],
        row["quantity"],
        measured(row),
        row["allowed"],
        seeds(row),
        row["verdict"],
    ]


def seeds(row: Row) -> str:
    """Of how many seeds a claim is true."""
    return f"{row['seeds_true']} of {row['seeds']}"


def verdict_counts(rows: Sequence[Row]) -> str:
    """How many claims hold, hold partly, fail, and were not measured, in words."""
    counted = Counter(row["verdict"] for row in rows)
    return ", ".join(f"{counted[word]} {words}" for word, words in WORDS.items() if counted[word])


def verdict_sentence(rows: Sequence[Row]) -> str:
    """The counts as one sentence."""
    return f"Of {len(rows)} claims, {verdict_counts(rows)}."


PARTS: dict[str, dict[str, Callable[[Sequence[Row]], str]]] = {
    "docs/verdicts.md": {"verdicts": verdict_tables},
    "README.md": {"verdicts": verdict_sentence},
}
"""Files, their generated parts, and what makes them."""


def with_part(text: str, name: str, content: str) -> str:
    """``text`` with ``content`` between the marks of the part ``name``."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no part {name} between {begin} and {end}")
    return pattern.sub(lambda _: f"{begin}\n{content}\n{end}", text)


def generated(file: str) -> str:
    """The text of ``file`` with its generated parts made anew."""
    text = (ROOT / file).read_text(encoding="utf-8")
    for name, content in PARTS[file].items():
        text = with_part(text, name, content(verdicts()) if VERDICTS.exists() else NO_VERDICTS)
    return text


if __name__ == "__main__":
    if not VERDICTS.exists():
        print(f"There is no {VERDICTS.relative_to(ROOT)}: `make reproduce` writes it.")
    for file in PARTS:
        (ROOT / file).write_text(generated(file), encoding="utf-8")
