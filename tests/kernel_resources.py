"""Compile kernels for GPUs that are not there; prints what each needs of a thread's registers, as JSON.

Run as ``python -m kernel_resources CELL UNITS LANES …``, with ``one`` or ``several`` for lanes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
import triton
from compiled_checks import CELLS, drawn
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from seqprobe.models.compiled.compiled_cell import CompiledCell
from seqprobe.models.compiled.gpu.kernel_passes import KernelPasses

CAPABILITIES = (80, 90)


def passes(cell: str, units: int, lanes: str) -> Any:
    """What `KernelPasses` would run for a cell on a GPU, with one sequence or with several."""
    kind = next(kind for kind in CELLS if kind.__name__ == cell)
    compiled, group = CompiledCell(drawn(kind, 1, torch.float32, units)), KernelPasses.group(units)
    return KernelPasses(compiled.layout(1 if lanes == "one" else None, group), torch.float32)


def assembly(kernel: Any, warps: int) -> str:
    """A kernel's code for the oldest of the GPUs, which the others take as well."""
    integers = {"batch", "time", "truncation"}
    types = {
        name: "constexpr" if name.isupper() else "i32" if name in integers or name.startswith("stride") else "*fp32"
        for name in kernel.arg_names
    }
    flags = {(index,): True for index, name in enumerate(kernel.arg_names) if name.isupper()}
    source = ASTSource(kernel, types, constexprs=flags)
    compiled = triton.compile(source, target=GPUTarget("cuda", CAPABILITIES[0], 32), options={"num_warps": warps})
    text: str = compiled.asm["ptx"]
    return text


def resources(assembly: str, capability: int) -> tuple[int, int]:
    """A thread's registers, and the bytes that it spills."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.ptx"
        path.write_text(assembly)
        command = [triton.knobs.nvidia.ptxas.path, "-v", f"--gpu-name=sm_{capability}", str(path), "-o", f"{path}.bin"]
        report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    registers, stores = re.search(r"Used (\d+) registers", report), re.search(r"(\d+) bytes spill stores", report)
    assert registers is not None
    assert stores is not None
    return int(registers[1]), int(stores[1])


def main(*wanted: str) -> None:
    for cell, units, lanes in zip(wanted[::3], wanted[1::3], wanted[2::3], strict=True):
        layer = passes(cell, int(units), lanes)
        for name in ("forward", "backward"):
            code = assembly(layer.kernels[name], layer.warps)
            for capability in CAPABILITIES:
                registers, spilled = resources(code, capability)
                row = {"cell": cell, "units": int(units), "lanes": layer.layout.group, "warps": layer.warps}
                row |= {"kernel": name, "capability": capability, "registers": registers, "spilled": spilled}
                print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
