"""What may be wrong with the rows of a table: found, and named with its file, row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seqprobe.tasks.tables.columns import Numbers, Origin, Words

Order = np.ndarray | None
"""The place in the files of each row that is checked; None: they are in order there."""
IRREGULAR = 0.5
"""Steps may be so much shorter or longer than the usual one, as a share of it: clocks are not exact."""


def check_complete(origin: Origin, order: Order, columns: Mapping[str, Numbers | Words]) -> None:
    """Refuse missing and infinite values.

    Raises:
        InvalidValue: the first of them.
    """
    for name, column in columns.items():
        wrong = column.codes < 0 if isinstance(column, Words) else ~np.isfinite(column)
        if wrong.any():
            at = int(wrong.argmax())
            words = "is missing (empty, NaN or n/a)"
            if isinstance(column, np.ndarray) and np.isinf(column[at]):
                words = f"{column[at]} is not a finite number"
            raise origin.problem(place(order, at), name, words)


def check_steps(origin: Origin, order: Order, starts: np.ndarray, name: str, steps: Numbers) -> None:
    """Refuse a step that occurs twice in a sequence, and gaps: steps of a sequence have to be equally far apart.

    Raises:
        InvalidValue: the first of them.
    """
    usual, differences = usual_difference(starts, steps), np.diff(steps)
    differences[starts[1:-1] - 1] = usual  # from one sequence to the next
    for wrong in (differences == 0, np.abs(differences - usual) > IRREGULAR * usual):
        if wrong.any():
            at = int(wrong.argmax()) + 1
            raise origin.problem(place(order, at), name, step_problem(steps[at - 1], steps[at], usual))


def step_problem(before: float, after: float, usual: float) -> str:
    """What is wrong between two steps of a sequence."""
    if after == before:
        return f"{after:.12g} comes twice in one sequence"
    what = "there is a gap" if after - before > usual else "one is too many"
    return f"{after:.12g} comes after {before:.12g}, but steps are {usual:.6g} apart: {what}"


def usual_difference(starts: np.ndarray, steps: Numbers) -> float:
    """The median difference between a step of a sequence and the next; 1 where no sequence has two different ones."""
    differences = np.diff(steps)
    within = differences > 0
    within[starts[1:-1] - 1] = False
    return float(np.quantile(differences[within], 0.5, method="lower")) if within.any() else 1.0


def check_constant(
    origin: Origin, order: Order, starts: np.ndarray, name: str, values: np.ndarray, sequences: Sequence[str]
) -> None:
    """Refuse values ``(rows,)`` that change within a sequence; ``sequences`` are the names of all.

    Raises:
        InvalidValue: the first that differs from the one before it.
    """
    changes = values[1:] != values[:-1]
    changes[starts[1:-1] - 1] = False
    if changes.any():
        at = int(changes.argmax()) + 1
        changing = sequences[int(np.searchsorted(starts, at, side="right")) - 1]
        words = f"must be constant within a sequence, but changes in sequence {changing}"
        raise origin.problem(place(order, at), name, words)


def place(order: Order, row: int) -> int:
    """Where a row is in the files."""
    return row if order is None else int(order[row])
