"""The splits of a task's data, and the random stream of a seed that each is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from seqprobe.batch import Batch
from seqprobe.seeds import generator

if TYPE_CHECKING:
    from seqprobe.tasks.task import Task

Split = Literal["train", "val", "probe"]
"""What sequences are for: training, validation, or a probe."""
SPLIT_STREAMS: dict[Split, str] = {"train": "train_data", "val": "validation_data", "probe": "probes"}
"""The random stream of each split, one of `seqprobe.seeds.STREAMS`."""


def draw_split(task: Task, split: Split, n: int, seed: int) -> Batch:
    """The first ``n`` sequences of a split that a seed's stream determines, ``(n, time, features)``."""
    return task.for_seed(seed).sample_split(split, n, generator(seed, SPLIT_STREAMS[split]))
