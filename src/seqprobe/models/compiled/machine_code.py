"""From a layer's sizes to functions in memory: compiled once, and kept on disk for the next process."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
from llvmlite import ir

from seqprobe.files import write_atomically
from seqprobe.models.compiled import code_folder
from seqprobe.models.compiled.backward_code import BackwardCode
from seqprobe.models.compiled.forward_code import ForwardCode
from seqprobe.models.compiled.memory_layout import MemoryLayout
from seqprobe.models.compiled.vector_arithmetic import VectorKind
from seqprobe.models.compiled.vector_code import VectorCode

PASSES = {"forward": ForwardCode, "backward": BackwardCode}
DIGEST = 32
"""Bytes of the SHA-256 with which a file begins."""

Function = Callable[[int], None]
"""Machine code; it takes the address of its arguments, as `sequence_code` orders them."""


class MachineCode:
    """The passes of one layer as functions.

    Attributes:
        kind: the vectors that they compute with.
    """

    def __init__(self, key: str, layout: MemoryLayout, kind: VectorKind) -> None:
        self.kind = kind
        image = known_image(key, layout, kind)
        library = llvm.JITLibraryBuilder().add_object_img(image).add_current_process()
        for name in PASSES:
            library.export_symbol(name)
        self._loaded = library.link(linker(), key)
        self.forward, self.backward = (function_at(self._loaded[name]) for name in PASSES)


_loaded: dict[str, MachineCode] = {}


def load_machine_code(layout: MemoryLayout, kind: VectorKind) -> MachineCode:
    """The machine code for a layout: that of this process, from disk, or compiled."""
    key = code_key(layout, kind)
    if key not in _loaded:
        _loaded[key] = MachineCode(key, layout, kind)
    return _loaded[key]


def missing_key(layout: MemoryLayout, kind: VectorKind) -> str | None:
    """The `code_key` of machine code that is neither in this process nor on disk; None for what is."""
    key = code_key(layout, kind)
    path = code_folder.path_of(key, "o")
    return None if key in _loaded or (path is not None and path.exists()) else key


def function_at(address: int) -> Function:
    """The function at an address."""
    function: Function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)
    return function


@cache
def target_machine() -> Any:
    """This processor, with all its instructions."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=2, reloc="pic")


@cache
def linker() -> Any:
    """What places machine code in memory, for the whole process."""
    return llvm.create_lljit_compiler(target_machine())


def code_key(layout: MemoryLayout, kind: VectorKind) -> str:
    """What stands for machine code: equations, sizes, vectors, seqprobe's compiler, LLVM and the processor."""
    graph = layout.plan.graph
    parts = [
        repr((graph.nodes, graph.results, layout.plan.blocks, layout.plan.is_recurrent, layout.plan.row_blocks)),
        repr((layout.inputs, layout.units, layout.group, *kind)),
        *(path.read_text() for path in sorted(Path(__file__).parent.glob("*.py"))),
        llvmlite.__version__,
        llvm.get_host_cpu_name() + llvm.get_host_cpu_features().flatten(),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def known_image(key: str, layout: MemoryLayout, kind: VectorKind) -> bytes:
    """The machine code of both passes from disk or, where there is none or not all of it, compiled."""
    return read_image(key) or write_image(key, compile_image(layout, kind))


def compile_image(layout: MemoryLayout, kind: VectorKind) -> bytes:
    """The machine code of both passes, as an object file."""
    module = ir.Module("layer")
    module.triple = llvm.get_process_triple()
    for name, writer in PASSES.items():
        writer(VectorCode(module, name, kind), layout).write()
    return object_image(module)


def object_image(module: ir.Module) -> bytes:
    """Compile functions to an object file."""
    parsed, machine = llvm.parse_assembly(str(module)), target_machine()
    parsed.verify()
    # Vectors are written out: looking for more of them would take longer than all the rest.
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(parsed, builder)
    image: bytes = machine.emit_object(parsed)
    return image


def read_image(key: str) -> bytes | None:
    """Machine code from disk; None if there is none, or not all of it."""
    path = code_folder.path_of(key, "o")
    if path is None:
        return None
    try:
        content = path.read_bytes()
    except OSError:
        return None
    image = content[DIGEST:]
    return image if hashlib.sha256(image).digest() == content[:DIGEST] else None


def write_image(key: str, image: bytes) -> bytes:
    """Keep machine code on disk, if that can be; returns it."""
    path = code_folder.path_of(key, "o")
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, hashlib.sha256(image).digest() + image)
        except OSError:  # a full disk: the next process compiles again
            pass
    return image
