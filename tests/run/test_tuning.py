"""Threads are set wherever torch runs; freed memory is kept where the C library can be told to."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from seqprobe.run.tuning import configure_process


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def raising(problem: Exception) -> Any:
    def load(name: None) -> None:
        raise problem

    return load


@pytest.mark.parametrize(
    "load",
    [raising(OSError("no library")), raising(TypeError("needs a name")), lambda name: SimpleNamespace()],
    ids=["no library", "no name", "no mallopt"],
)
def test_threads_are_set_where_the_allocator_cannot_be(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", load)
    configure_process(1)
    assert torch.get_num_threads() == 1


def test_large_blocks_are_kept_and_the_heap_is_not_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[int, int] = {}
    monkeypatch.setattr("ctypes.CDLL", lambda name: SimpleNamespace(mallopt=told.__setitem__))
    configure_process(1)
    assert torch.get_num_threads() == 1
    assert told == {-3: 2**30, -1: 2**31 - 1}


def test_the_systems_own_library_takes_it() -> None:
    configure_process(1)
    assert torch.get_num_threads() == 1
