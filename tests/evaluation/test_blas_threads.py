"""While a probe runs, linear algebra takes the threads of its training and no more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from seqprobe.evaluation.population_members import ProbedMembers, run_probe
from seqprobe.probes import Probe, ProbeResult


def blas_threads() -> list[int]:
    """Threads of every BLAS that is loaded."""
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


class CountsThreads(Probe):
    """Measures how many threads BLAS has."""

    libraries: ClassVar[tuple[str, ...]] = ("sklearn.linear_model",)

    def run(self, members: Any, task: Any, seeds: Any) -> ProbeResult:
        assert "sklearn.linear_model" in sys.modules
        return ProbeResult(["now"], {"threads": np.full((len(seeds), 1), max(blas_threads()))})


@pytest.fixture
def two_threads() -> Iterator[None]:
    """BLAS has two threads, whatever this machine has."""
    with threadpool_limits(2, user_api="blas"):
        assert set(blas_threads()) == {2}
        yield


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_probe_has_as_many_threads_as_its_training(threads: int) -> None:
    before = torch.get_num_threads()
    members = SimpleNamespace(experiment=SimpleNamespace(task=None), seeds=[0, 4], refusals=[])
    torch.set_num_threads(threads)
    try:
        result = run_probe(CountsThreads(), cast(ProbedMembers, members))
    finally:
        torch.set_num_threads(before)
    assert result.scores["threads"].tolist() == [[threads]] * 2
    assert min(blas_threads()) == 2
