"""What a probe returns: whether everything in it has the shape that recording and figures expect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import BANDS, Score, is_score_name
from seqprobe.user_calls import described


def result_fault(result: object, seeds: int, stated: Sequence[Score]) -> str:
    """What of a probe's result does not fit, in words; empty if everything fits.

    Args:
        seeds: how many members were probed.
        stated: the probe's scores.
    """
    if not isinstance(result, ProbeResult):
        return f"{described(result)}, expected a seqprobe.probes.ProbeResult"
    faults = [*label_faults(result.labels), *array_faults(result, seeds), *place_faults(result)]
    faults += stated_faults([*result.overall, *result.scores], stated)
    if result.table is not None and not isinstance(result.table, pd.DataFrame):
        faults.append(f"table {described(result.table)}, expected a pandas.DataFrame or None")
    return faults[0] if faults else ""


def label_faults(labels: Sequence[str]) -> Iterator[str]:
    """Labels become parts of metrics' names."""
    if not all(isinstance(label, str) and label and label.isprintable() for label in labels):
        yield f"labels {list(labels)}, expected text for each value"
    if len({*map(str, labels)}) < len(labels):
        yield f"labels {list(labels)}, expected a different one for each value"


def array_faults(result: ProbeResult, seeds: int) -> Iterator[str]:
    """Scores, their levels and what is measured overall."""
    count = len(result.labels)
    arrays = [(f"scores[{name!r}]", values, 2) for name, values in result.scores.items()]
    arrays += [(f"overall[{name!r}]", values, 1) for name, values in result.overall.items()]
    for measure, levels in result.levels.items():
        arrays += [(f"levels[{measure!r}][{role!r}]", values, 2) for role, values in levels.items()]
    for name, values, axes in arrays:
        wanted = "(seeds,)" if axes == 1 else "(seeds, values)"
        shape = (seeds, count)[:axes]
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiub":
            yield f"{name} as {kind_of(values)}, expected a NumPy array of numbers {wanted} = {shape}"
        elif values.ndim != axes or values.shape[0] != seeds or (axes == 2 and count and values.shape[1] != count):
            yield f"{name} {values.shape}, expected {wanted} = {shape}"
    for name in (*result.scores, *result.overall):
        if not is_score_name(name):
            yield f"a score called {name!r}; the name of a score is text without a slash"


def kind_of(values: object) -> str:
    """What something is that should be an array."""
    return f"an array of {values.dtype}" if isinstance(values, np.ndarray) else f"a {type(values).__name__}"


def place_faults(result: ProbeResult) -> Iterator[str]:
    """Distances and bands of the values."""
    count = len(result.labels) or next((values.shape[1] for values in result.scores.values() if values.ndim == 2), 0)
    distances, bands = result.distances, result.bands
    if distances is not None and np.shape(distances) != (count,):
        yield f"distances {np.shape(distances)}, expected (values,) = ({count},)"
    if len(bands) not in (0, count) or not set(bands) <= set(BANDS):
        yield f"bands {list(bands)}, expected one of {', '.join(BANDS)} for each of {count} values"


def stated_faults(measured: Sequence[str], stated: Sequence[Score]) -> Iterator[str]:
    """A probe is compared by the scores that it states."""
    if not all(isinstance(score, Score) for score in stated):
        yield f"scores {stated} of its class, expected a tuple of seqprobe.scoring.Score"
    elif stated and not {score.name for score in stated} & set(measured):
        names = ", ".join(score.name for score in stated)
        yield f"the scores {', '.join(measured) or 'nothing'}, but its class states {names}"
