"""Per-member results of a training: named arrays with a leading ``seeds`` axis, and series of them over updates.

Groups of members that are trained one after the other, checkpoints, and the archives from which a later population
takes members over all hold the same arrays: they are joined, cut and named here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from seqprobe.scoring import MetricName

MemberSeries = dict[int, np.ndarray]
"""Values of every member by update, ``(seeds, …)`` each."""
History = dict[str, MemberSeries]
"""Series by name: metrics, ``(seeds,)`` at every update, or what else is followed over a training."""
K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R")
STEPS, VALUES = "steps:", "values:"
"""Before a series' name in named arrays: its updates ``(n,)`` and its values."""


@dataclass(frozen=True)
class MemberArrays:
    """Arrays of some members.

    Attributes:
        arrays: by name, ``(seeds, …)``; names of one kind share a prefix, as in ``score:loss`` and ``score:rmse``.
        series: by name and update, ``(seeds, …)``.
    """

    arrays: Mapping[str, np.ndarray]
    series: History = field(default_factory=dict)

    def of_kind(self, kind: str) -> dict[str, np.ndarray]:
        """The arrays whose names begin with ``kind`` and a colon, by the rest of their names."""
        return {name.partition(":")[2]: array for name, array in self.arrays.items() if name.startswith(f"{kind}:")}

    def select(self, members: Sequence[int]) -> MemberArrays:
        """The arrays of ``members``, in that order."""
        places = np.asarray(members, dtype=int)
        series = {name: {step: values[places] for step, values in at.items()} for name, at in self.series.items()}
        return MemberArrays({name: array[places] for name, array in self.arrays.items()}, series)

    def to_named(self, member: int) -> dict[str, np.ndarray]:
        """One member's arrays under flat names, without the ``seeds`` axis; texts as UTF-8 bytes."""
        flat = {name: to_bytes(array[member]) for name, array in self.arrays.items()}
        for name, at in self.series.items():
            flat[STEPS + name] = np.array(list(at))
            flat[VALUES + name] = np.stack([values[member] for values in at.values()])
        return flat

    @classmethod
    def from_named(cls, flat: Mapping[str, np.ndarray]) -> MemberArrays:
        """One member's arrays, as `to_named` wrote them; those of other names are kept as well."""
        names = [name.removeprefix(STEPS) for name in flat if name.startswith(STEPS)]
        series = {
            name: dict(zip(flat[STEPS + name].tolist(), flat[VALUES + name][:, None], strict=True)) for name in names
        }
        arrays = {name: from_bytes(array)[None] for name, array in flat.items() if not name.startswith((STEPS, VALUES))}
        return cls(arrays, series)

    @classmethod
    def join(cls, parts: Sequence[MemberArrays]) -> MemberArrays:
        """The members of all parts, one part after the other, with the names and updates that every part has."""
        arrays = join_common([part.arrays for part in parts], np.concatenate)
        series = join_common([part.series for part in parts], lambda histories: join_common(histories, np.concatenate))
        return cls(arrays, {name: at for name, at in series.items() if at})


def join_common(parts: Sequence[Mapping[K, V]], join: Callable[[list[V]], R]) -> dict[K, R]:
    """What ``join`` makes of the values of every key that all parts have."""
    return {key: join([part[key] for part in parts]) for key in parts[0] if all(key in part for part in parts)}


def to_bytes(array: np.ndarray) -> np.ndarray:
    """A text as UTF-8 bytes, for a file that holds numbers alone; numbers as they are."""
    return np.frombuffer(str(array).encode(), dtype=np.uint8) if array.dtype.kind == "U" else array


def from_bytes(array: np.ndarray) -> np.ndarray:
    """The text that `to_bytes` encoded; nothing else in an archive has bytes."""
    return np.array(array.tobytes().decode()) if array.dtype == np.uint8 else array


def to_tensors(history: History) -> dict[str, dict[str, Tensor]]:
    """Each series' updates ``(n,)`` and values ``(n, seeds, …)``, for a checkpoint."""
    return {
        name: {
            "steps": torch.tensor(list(at), dtype=torch.long),
            "values": torch.from_numpy(np.stack(list(at.values()))),
        }
        for name, at in history.items()
    }


def from_tensors(tensors: Mapping[str, Mapping[str, Tensor]]) -> History:
    """The history that `to_tensors` wrote."""
    return {name: dict(zip(at["steps"].tolist(), at["values"].numpy(), strict=True)) for name, at in tensors.items()}


def by_update(history: History) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Each update with the values that there are of it, in order."""
    for update in sorted({update for at in history.values() for update in at}):
        yield update, {name: at[update] for name, at in history.items() if update in at}


def without_levels(history: History) -> History:
    """A history without reference levels, which earlier versions recorded as metrics."""
    return {name: at for name, at in history.items() if MetricName.parse(name).group != "reference"}


def metric_arrays(at: Mapping[int, np.ndarray], seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """A metric's updates ``(n,)`` and values ``(seeds, n)``; n is 0 for one that was never recorded."""
    return np.array(list(at), dtype=int), np.stack(list(at.values()), 1) if at else np.empty((seeds, 0))
