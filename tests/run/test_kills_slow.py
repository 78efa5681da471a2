"""Killed at any moment and started again, a training ends with the very same runs as if nothing had happened."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from chaos.content import content, differences
from chaos.killing import PARTS, in_a_process
from chaos.trainings import SHARED, TRAININGS

pytestmark = pytest.mark.slow
MOMENTS = {
    "numbers, stacked": ["checkpoint", "flush", "end", "anywhere", "anywhere"],
    "numbers, looped": ["figure", "training", "probing", "opening", "anywhere"],
    "classes, stacked": ["members", "checkpoint", "flush", "anywhere", "training"],
    "classes, looped": ["probing", "figure", "end", "anywhere", "checkpoint"],
    "fresh data": ["training", "checkpoint", "anywhere"],
}
"""Inside of what each is killed."""
CASES = [
    pytest.param(training, index, marks=pytest.mark.xdist_group(training), id=f"{training}-{part}-{index}")
    for training, parts in MOMENTS.items()
    for index, part in enumerate(parts)
]
References = dict[str, tuple[dict[str, dict[str, Any]], dict[str | None, int]]]


@pytest.fixture(scope="module")
def references() -> References:
    """What uninterrupted trainings came to, and how many calls they made in which part."""
    return {}


def overrides(training: str, folder: Path) -> list[str]:
    return [*SHARED, *TRAININGS[training], f"tracking.dir='{folder}'"]


def kill(training: str, folder: Path, part: str | None, calls: int, drawn: random.Random) -> list[str]:
    """Kill a training at one of its calls, and return its overrides.

    How many calls there are depends on waits for locks and threads, so the drawn one may be beyond the last: then the
    training finishes, and another moment is drawn for a new one.
    """
    for _ in range(5):
        shutil.rmtree(folder / "killed", ignore_errors=True)
        given = overrides(training, folder / "killed")
        code, _ = in_a_process(given, part, drawn.randint(1, calls))
        if code == -9:
            return given
        assert code == 0
    return pytest.fail(f"{training} was not killed in {part or 'any part'}, drawn from {calls} calls")


@pytest.mark.parametrize(("training", "index"), CASES)
def test_it_ends_as_if_nothing_had_happened(training: str, index: int, references: References, tmp_path: Path) -> None:
    if training not in references:
        code, counts = in_a_process(overrides(training, tmp_path / "whole"))
        assert code == 0
        references[training] = content(tmp_path / "whole"), counts
    wanted, counts = references[training]
    assert {run["status"] for run in wanted.values()} == {"FINISHED"}
    assert {*PARTS, None} == set(counts)
    drawn = random.Random(f"{training} {index}")
    part = MOMENTS[training][index] if MOMENTS[training][index] != "anywhere" else None
    given = kill(training, tmp_path, part, counts[part], drawn)
    if part is None:
        in_a_process(given, None, drawn.randint(1, counts[None] // 2))  # and once more, while it goes on
    assert in_a_process(given)[0] == 0
    assert differences(content(tmp_path / "killed"), wanted) == []
    assert [path.name for path in (tmp_path / "killed" / "work").iterdir()] == ["claims"]
