"""What a cell's ``step`` returns, checked before the cell is unrolled."""

from __future__ import annotations

import torch
from torch import Tensor

from seqprobe.models import Cell
from seqprobe.models.cells.unroll import initial_state
from seqprobe.user_calls import described, user_call, wrong_result

BATCH = 3
"""Sequences on which a step is tried."""


@torch.no_grad()
def check_step(cell: Cell) -> None:
    """Refuse a step that does not return its states and other values by name, each with the blocks' shape.

    Raises:
        InvalidValue: the first fault.
    """
    subject = f"cell {type(cell).__name__}"
    inputs = torch.zeros(BATCH, 1, cell.input_size, dtype=cell.bias.dtype, device=cell.bias.device)
    with user_call(subject, "step"):
        blocks = cell.project(inputs)[0][0].split(cell.hidden_size, 1)
        values = cell.step(blocks, *[initial_state(blocks[0].unsqueeze(0), cell.hidden_size)] * len(cell.states))
    if not isinstance(values, dict) or not all(isinstance(value, Tensor) for value in values.values()):
        raise wrong_result(subject, f"step gave {described(values)}, expected a dict of tensors by name")
    missing = [state for state in cell.states if state not in values]
    if missing:
        given = ", ".join(values) or "nothing"
        raise wrong_result(subject, f"step gave {given}, but not {', '.join(missing)}, which the next step needs")
    for name, value in values.items():
        if value.shape[-2:] != blocks[0].shape[-2:]:
            expected = f"expected (seeds, hidden, batch) = {tuple(blocks[0].shape)}"
            raise wrong_result(subject, f"step gave {name} {described(value)}, {expected}")
