"""Memory of one update is that of the next one, and none stays when a network is only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from compiled_checks import drawn

from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.compiled import kept_memory
from seqprobe.models.compiled.compiled_cell import CompiledCell
from seqprobe.models.compiled.kept_memory import KeptMemory, drop_spare_memory


@pytest.fixture(autouse=True)
def _no_spare_memory() -> Iterator[None]:
    drop_spare_memory()
    yield
    drop_spare_memory()


def spare_sizes() -> list[int]:
    return [len(memory) for memory in kept_memory._spare]


def test_it_is_used_again_once_nobody_holds_it() -> None:
    first, second = KeptMemory(4096), KeptMemory(4096)
    address = first.address
    assert address != second.address
    assert spare_sizes() == []
    del first
    assert spare_sizes() == [4096]
    assert KeptMemory(4096).address == address


@pytest.mark.parametrize(("size", "fits"), [(4097, False), (4096, True), (2048, True), (2047, False)])
def test_it_is_used_again_for_about_its_size(size: int, fits: bool) -> None:
    KeptMemory(4096)
    memory = KeptMemory(size)
    assert spare_sizes() == []  # taken, or given back to the system
    del memory
    assert spare_sizes() == [4096 if fits else size]


def test_memory_of_two_layers_is_found_in_any_order() -> None:
    layers = [KeptMemory(4096), KeptMemory(512)]
    addresses = [memory.address for memory in layers]
    layers.reverse()
    layers.clear()
    again = [KeptMemory(4096), KeptMemory(512)]
    assert [memory.address for memory in again] == addresses


def test_updates_use_the_same_memory_and_reading_gives_it_back() -> None:
    cell, inputs = drawn(LSTM, 3, torch.float32), torch.ones(3, 5, 40, 2)
    compiled = CompiledCell(cell)
    for _ in range(3):
        compiled(cell, inputs).sum().backward()
        (size,) = spare_sizes()
    with torch.no_grad():
        compiled(cell, inputs)
    assert sum(spare_sizes()) < size


def test_a_second_backward_pass_finds_what_the_first_one_found() -> None:
    cell, inputs = drawn(LSTM, 3, torch.float32), torch.ones(3, 5, 40, 2)
    compiled = CompiledCell(cell)
    loss = compiled(cell, inputs).square().sum()
    first = torch.autograd.grad(loss, list(cell.parameters()), retain_graph=True)
    compiled(cell, inputs * 2).sum().backward()
    second = torch.autograd.grad(loss, list(cell.parameters()))
    assert all(map(torch.equal, first, second))


def test_what_was_in_it_changes_nothing() -> None:
    cell, inputs = drawn(LSTM, 3, torch.float32), torch.ones(3, 5, 40, 2)
    compiled, results = CompiledCell(cell), list[tuple[torch.Tensor, ...]]()
    for value in (0.0, torch.nan, torch.inf):
        results.append(torch.autograd.grad(compiled(cell, inputs).square().sum(), list(cell.parameters())))
        (memory,) = kept_memory._spare
        memory.view(torch.float32).fill_(value)
    assert all(all(map(torch.equal, results[0], other)) for other in results[1:])
