"""Machine code computes what a cell's equations state: outputs, gradients, padding in groups and lanes, truncation."""

from __future__ import annotations

import pytest
import torch
from compiled_checks import CELLS, check, check_members, check_validation, drawn

from seqprobe.models import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.compiled.compiled_cell import CompiledCell
from seqprobe.models.compiled.machine_passes import GROUP, STRETCH
from seqprobe.models.compiled.vector_arithmetic import vector_kind


@pytest.mark.parametrize("kind", CELLS)
def test_it_equals_the_plain_loop(kind: type[Cell]) -> None:
    """Nine seeds are a block of lanes and one more, three have smaller vectors; seven sequences are no whole number
    of groups."""
    check(drawn(kind, 9, torch.float64), (9, GROUP + 3, 19, 2), 1e-11)
    check(drawn(kind, 3, torch.float64), (3, GROUP + 1, 5, 2), 1e-11)
    check(drawn(kind, 1, torch.float64), (1, GROUP, 5, 2), 1e-11, truncation=2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("units", [1, 4, 26, 33])
def test_it_equals_the_plain_loop_in_single_precision(kind: type[Cell], units: int) -> None:
    check(drawn(kind, 17, torch.float32, units), (17, 5, 9, 2), 2e-5)


def test_one_sequence_has_code_of_its_own() -> None:
    cell = drawn(LSTM, 3, torch.float32)
    compiled = CompiledCell(cell)
    check(cell, (3, 1, 40, 2), 1e-5)
    groups = [compiled.passes("cpu", batch, torch.float32).layout.group for batch in (1, 2, None)]
    assert groups == [1, GROUP, GROUP]


@pytest.mark.parametrize("kind", [LSTM, *(pytest.param(kind, marks=pytest.mark.slow) for kind in [GRU, PeepholeLSTM])])
def test_lanes_never_mix(kind: type[Cell]) -> None:
    """A seed's outputs and gradients are equal to the bit beside others, and if one of these is not finite; in vectors
    of four lanes, of eight and of sixteen."""
    check_members(17, [[0], [16], [4, 16], [5, 2, 9, 11, 0], list(range(4, 13))], kind=kind)


def test_without_gradients_nothing_is_kept_and_batches_of_any_size_give_the_same() -> None:
    check_validation(torch.float64)
    cell = drawn(GRU, 9, torch.float64)
    inputs, passes = torch.ones(9, 7, 19, 2, dtype=torch.float64), CompiledCell(cell).passes("cpu", 7, torch.float64)
    kept, reused = (passes.forward(None, inputs, cell.maps(), is_kept).memory[0].numel() for is_kept in (True, False))
    layout, lanes = passes.layout, vector_kind("double", 9).lanes
    assert kept == 2 * 2 * layout.kept_vectors(19) * lanes  # two blocks of seeds, two groups of sequences
    assert reused == layout.kept_vectors(STRETCH) * lanes


@pytest.mark.parametrize("time", [1, STRETCH - 1, STRETCH, STRETCH + 1, 3 * STRETCH, 5 * STRETCH + 3])
def test_stretches_of_steps_that_use_the_same_memory_give_what_all_steps_at_once_give(time: int) -> None:
    random = torch.Generator().manual_seed(time)
    for kind in (GRU, LSTM):
        cell = drawn(kind, 9, torch.float32)
        inputs = torch.randn(9, GROUP + 1, time, 2, generator=random)
        passes = CompiledCell(cell).passes("cpu", None, torch.float32)
        whole, stretched = (passes.forward(None, inputs, cell.maps(), is_kept).outputs for is_kept in (True, False))
        assert torch.equal(whole, stretched)
