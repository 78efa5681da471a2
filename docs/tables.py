"""Write the parts of the docs that are made from data: `python docs/tables.py`, which `make docs` runs first.

A generated part stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``.
"""

from __future__ import annotations

import csv
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from findings import by_claim, findings_text, write_strips
from highlights import highlights_text
from scaling_tables import SCALING
from verdict_rows import Row, measured, measured_sentence, number, seeds, verdict

ROOT = Path(__file__).parents[1]
VERDICTS = {5: ROOT / "docs" / "verdicts.csv", 20: ROOT / "docs" / "verdicts_20.csv"}
"""Written by `make reproduce`, and by `make reproduce ARGS=seeds=20`."""
NO_VERDICTS = "Not measured in this checkout yet: `make reproduce` measures every claim and writes `verdicts.csv`."
"""What stands in place of the verdicts before."""
POSTS = {"0": "Lstm Toy Examples", "1": "Long-term short-term memory", "2": "Making sense of LSTMs by example"}
KINDS = {"post": "the post", "control": "a control", "ours": "ours"}
WORDS = {
    "holds": ("holds", "hold"),
    "true in part": ("is true in part", "are true in part"),
    "true of some seeds": ("is true of some seeds", "are true of some seeds"),
    "more than said": ("says less than is true", "say less than is true"),
    "fails": ("fails", "fail"),
    "not measured": ("was not measured", "were not measured"),
}

FORGET_BIASES = ROOT / "docs" / "forget_bias.csv"
"""Written by docs/forget_bias.py."""

Tables = Mapping[int, Sequence[Row]]
"""The rows of each file that exists, by its number of seeds."""


def verdicts() -> Tables:
    """One row per part of a claim, as `make reproduce` wrote them."""
    return {seeds: read_rows(path) for seeds, path in VERDICTS.items() if path.exists()}


def read_rows(path: Path) -> list[Row]:
    """The rows of a .csv file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(text.replace("|", r"\|") for text in line) + " |" for line in lines)


def verdict_tables(tables: Tables) -> str:
    """The counts, and a heading and a table for each post; numbers are those of most seeds."""
    most = max(tables)
    parts = [verdict_sentence(tables), engine_sentence(tables)]
    other = {row["claim"]: row for seeds, rows in tables.items() if seeds != most for row in rows}
    for post, title in POSTS.items():
        rows = [row for row in tables[most] if row["post"] == post]
        header = ["claim", "source", "measured", "median", "true if", "because", "seeds", f"verdict, {most} seeds"]
        if len(tables) > 1:
            header.append(f"verdict, {min(tables)} seeds")
        shown = [
            [*verdict_cells(row, is_first), *other_verdict(row, other, is_first, len(tables) > 1)]
            for row, is_first in zip(rows, first_rows(rows), strict=True)
        ]
        parts += [f"## Post {post}: {title}", markdown_table(header, shown)]
    return "\n\n".join(parts)


def first_rows(rows: Sequence[Row]) -> list[bool]:
    """Which rows are the first of their claim."""
    return [index == 0 or row["claim"] != rows[index - 1]["claim"] for index, row in enumerate(rows)]


def verdict_cells(row: Row, is_first: bool) -> list[str]:
    """A part of a claim as a row of a table; what is the claim's is in its first row."""
    half = f"*{row['part']}* ({row['part_verdict']}): " if row["part"] else ""
    return [
        row["says"] if is_first else "",
        f"{KINDS[row['kind']]}: {row['place']}" if is_first else "",
        half + row["quantity"],
        measured(row),
        f"{row['allowed']} ({row['margin']})" if row["margin"] else row["allowed"],
        row["why"],
        seeds(row),
        verdict(row) if is_first else "",
    ]


def other_verdict(row: Row, other: Mapping[str, Row], is_first: bool, is_there: bool) -> list[str]:
    """The verdict of the file with fewer seeds, if there is one."""
    if not is_there:
        return []
    return [verdict(other[row["claim"]]) if is_first and row["claim"] in other else ""]


def verdict_counts(rows: Sequence[Row]) -> str:
    """How many claims have each verdict, in words."""
    counted = Counter({row["claim"]: row["verdict"] for row in rows}.values())
    return ", ".join(f"{counted[word]} {texts[counted[word] > 1]}" for word, texts in WORDS.items() if counted[word])


def verdict_sentence(tables: Tables) -> str:
    """The counts of the posts' claims, and of controls and ours, as sentences."""
    most = max(tables)
    kinds = {"claims of the posts": ["post"], "controls and further claims of ours": ["control", "ours"]}
    sentences = []
    for name, members in kinds.items():
        rows = [row for row in tables[most] if row["kind"] in members]
        count = len({row["claim"] for row in rows})
        sentences.append(f"of {count} {name}, {verdict_counts(rows)}" if count else "")
    return f"With {most} seeds, {'; '.join(sentence for sentence in sentences if sentence)}."


def engine_sentence(tables: Tables) -> str:
    """Which engine trained the populations."""
    engines = sorted({row["engine"] for rows in tables.values() for row in rows})
    return f"All populations were trained by the engine {' or '.join(f'`{engine}`' for engine in engines)}."


def forget_bias_table() -> str:
    """For every model and task the median score with each forget bias, and how many seeds solved and learned it."""
    cells: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in read_rows(FORGET_BIASES):
        more = "" if row["solved"] == row["learned"] else f", {row['learned']} learned"
        by_bias = cells.setdefault((row["model"], row["task"], row["score"]), {})
        by_bias[row["forget_bias"]] = f"{number(row['median'])} ({row['solved']} solved{more})"
    biases = list(next(iter(cells.values())))
    rows = [[*key, *(by_bias[bias] for bias in biases)] for key, by_bias in cells.items()]
    return markdown_table(["model", "task", "validation", *(f"forget bias {bias}" for bias in biases)], rows)


def from_verdicts(make: Callable[[Tables], str]) -> Callable[[], str]:
    """What makes a part from the verdicts, or says that there are none."""
    return lambda: make(verdicts()) if verdicts() else NO_VERDICTS


def highlights(tables: Tables) -> str:
    """README's findings with their numbers, those of most seeds."""
    most = max(tables)
    medians = {(row["claim"], row["part"]): measured(row) for row in tables[most]}
    return highlights_text(medians, most)


def findings(tables: Tables) -> str:
    """The essay about what fails or surprises, from the numbers of most seeds."""
    most = max(tables)
    return f"Numbers of {most} seeds.\n\n{findings_text(by_claim(tables[most]), measured_sentence)}"


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "docs/findings.md": {"findings": from_verdicts(findings)},
    "docs/verdicts.md": {"verdicts": from_verdicts(verdict_tables)},
    "README.md": {
        "findings": from_verdicts(highlights),
        "verdicts": from_verdicts(lambda tables: textwrap.fill(verdict_sentence(tables), 120)),
    },
    "docs/getting_started.md": {"forget bias": forget_bias_table},
    "docs/scaling.md": SCALING,
}
"""Files, their generated parts, and what makes them."""


def with_part(text: str, name: str, content: str) -> str:
    """``text`` with ``content`` between the marks of the part ``name``."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    made, count = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n{content}\n{end}", text, flags=re.DOTALL)
    if not count:
        raise ValueError(f"no part {name} between {begin} and {end}")
    return made


def generated(file: str) -> str:
    """The text of ``file`` with its generated parts made anew."""
    text = (ROOT / file).read_text(encoding="utf-8")
    for name, make in PARTS[file].items():
        text = with_part(text, name, make())
    return text


if __name__ == "__main__":
    if not verdicts():
        print("There is no docs/verdicts.csv: `make reproduce` writes it.")
    else:
        write_strips(by_claim(verdicts()[max(verdicts())]))
    for file in PARTS:
        (ROOT / file).write_text(generated(file), encoding="utf-8")
