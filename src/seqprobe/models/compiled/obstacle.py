"""Why the engine ``compiled`` cannot compute a network."""

from __future__ import annotations

import importlib
import os
import shutil

from torch import nn

from seqprobe.models.cells.cell import Cell
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.compiled.step_trace import UnknownStep, trace_step

FIXED = ("project", "steps", "loop", "fast")
"""Methods of a cell in whose place compiled code computes."""
MOST_UNITS = 64
"""Of a layer, and inputs to it, on a GPU."""
PACKAGES = {"cpu": ("llvmlite", "llvmlite.binding"), "cuda": ("triton", "triton")}
"""By kind of device, the package that compiles, and the module that fails to be imported where it cannot work."""


def compiling_obstacle(network: nn.Module, device: str = "cpu") -> str:
    """Why a network whose weights have a seeds axis cannot be compiled for a kind of device; empty if it can."""
    cells = [module for module in network.modules() if isinstance(module, Cell)]
    if not cells:
        return "this network has no recurrent cell that could be compiled"
    obstacles = (cell_obstacle(cell) or device_obstacle(cell, device) for cell in cells)
    return next((obstacle for obstacle in obstacles if obstacle), "")


def device_obstacle(cell: Cell, device: str) -> str:
    """Why a kind of device cannot compute a cell with compiled code; empty if it can."""
    if device not in PACKAGES:
        return "computes on the CPU and on CUDA's GPUs alone"
    if device == "cuda" and max(cell.hidden_size, cell.input_size) > MOST_UNITS:
        return f"computes layers of at most {MOST_UNITS} units and inputs on a GPU"
    package, module = PACKAGES[device]
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as problem:
        return f"needs the package {package}, which cannot be imported ({problem})"
    if device == "cuda" and not (os.environ.get("CC") or shutil.which("gcc") or shutil.which("clang")):
        return "needs a C compiler, gcc or clang, on a GPU"
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
