"""Why the engine ``compiled`` cannot compute a network."""

from __future__ import annotations

import importlib

from torch import nn

from seqprobe.models.cells.cell import Cell
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.compiled.step_trace import UnknownStep, trace_step

FIXED = ("project", "steps", "loop", "fast")
"""Methods of a cell in whose place machine code computes."""


def compiling_obstacle(network: nn.Module) -> str:
    """Why a network whose weights have a seeds axis cannot be compiled; empty if it can."""
    cells = [module for module in network.modules() if isinstance(module, Cell)]
    if not cells:
        return "this network has no recurrent cell that could be compiled"
    obstacles = (cell_obstacle(cell) for cell in cells)
    return next((obstacle for obstacle in obstacles if obstacle), "") or package_obstacle()


def package_obstacle() -> str:
    """Why nothing can be compiled here."""
    try:
        importlib.import_module("llvmlite.binding")
    except (ImportError, OSError) as problem:
        return f"needs the package llvmlite, which cannot be imported ({problem})"
    return ""


def cell_obstacle(cell: Cell) -> str:
    """Why a cell whose weights have a seeds axis cannot be compiled; empty if it can."""
    name, kind = type(cell).__name__, type(cell)
    changed = [method for method in FIXED if getattr(kind, method) is not getattr(Cell, method)]
    changed += ["forward"] * (kind.forward not in (Cell.forward, LSTM.forward))
    if changed:
        return f"{name} has its own {changed[0]}, which is not compiled"
    try:
        trace_step(cell, cell.maps()[0].shape[-2] // cell.hidden_size)
    except UnknownStep as problem:
        return f"the step of {name} {problem}"
    except Exception as problem:  # a step of the user's own may raise anything when it is given no tensors
        return f"the step of {name} cannot be traced: {problem}"
    return ""
