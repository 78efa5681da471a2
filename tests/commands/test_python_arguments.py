"""Calls from Python that do not fit cost one line, and write nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import seqprobe
from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.failure import JobFailed
from seqprobe.tasks import Task


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seeds": 2.5}, r"^seeds=2.5: must be a count \(8 means 0…7\) or a list"),
        ({"task": 3}, "task=int: must be a task's name, a seqprobe Task, or a class of these"),
        ({"model": torch.nn.Linear(1, 1)}, "model=Linear: must be a model's name, or a class of torch modules"),
        ({"model": "lstn"}, "model=lstn: must be one of .*did you mean lstm"),
        ({"overrides": ["optimizer.rate=3"]}, "optimizer.rate=3: unknown key"),
        ({"probes": {"x": 3}}, "probes.x=int: must be a probe's name, or a seqprobe Probe"),
        ({"seeds": 0}, "seeds=0: must be an integer >= 1"),
        ({"seeds": "3"}, r"^seeds=3: must be a count \(8 means 0…7\) or a list"),
        ({"seeds": np.array([1, 1])}, r"^seeds=\[1,1\]: a list of seeds must not have duplicates"),
        ({"overrides": "seeds=3"}, "^overrides=seeds=3: must be a list of texts"),
        ({"overrides": [3]}, r"^overrides=\[3\]: must be a list of texts"),
        ({"overrides": {"seeds": 3}}, "^overrides=.*: must be a list of texts"),
    ],
)
def test_a_call_that_does_not_fit_is_refused_before_anything_is_written(
    tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        seqprobe.train(**arguments, store=tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: seqprobe.train(store=3), "^store=int: must be a folder or a server's address"),
        (lambda: seqprobe.runs(3), "^store=int: must be a folder or a server's address"),
        (lambda: seqprobe.runs(tasks=3), "^tasks=3: must be a name or a list of names"),
        (lambda: seqprobe.runs(experiments=[3]), r"^experiments=\[3\]: must be a name or a list of names"),
        (lambda: seqprobe.compare("gru"), "^results=gru: must be what seqprobe.train returned"),
        (
            lambda: seqprobe.load(None),
            "^run=null: must be a run's id or name, a Result",
        ),
        (lambda: seqprobe.load(""), "^run=: must be a run's id or name"),
    ],
)
def test_arguments_of_another_type_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        call()


class ExitingTask(Task):
    """Ends the process instead of giving sequences."""

    def __init__(self, name: str = "exiting") -> None:
        super().__init__(name, 1, ("y",), "seq2vec", "mse", 4, train_size=4, val_size=2, batch_size=2)

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        sys.exit(3)


def test_code_that_ends_the_process_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match=r"this code ends the process \(SystemExit: 3\)"):
        seqprobe.train(ExitingTask, overrides=["trust=true"], store=tmp_path)
