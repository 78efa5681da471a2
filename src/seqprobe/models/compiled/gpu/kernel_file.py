"""From a layer's sizes to Triton's kernels: their text is kept for who wants to read it, their code by Triton."""

from __future__ import annotations

import hashlib
import linecache
import os
from functools import cache
from typing import Any

from seqprobe.files import write_atomically
from seqprobe.models.compiled import code_folder
from seqprobe.models.compiled.gpu.backward_kernel import BackwardKernel
from seqprobe.models.compiled.gpu.forward_kernel import ForwardKernel
from seqprobe.models.compiled.memory_layout import MemoryLayout

HEADER = "import triton\nimport triton.language as tl\n"
CACHE = "triton"
"""The folder of Triton's own cache, beside the kernels' texts."""


def kernels_text(layout: MemoryLayout, is_single: bool) -> str:
    """Python source of the kernels ``forward`` and ``backward`` of a layer."""
    kernels = [kind(layout, is_single).write() for kind in (ForwardKernel, BackwardKernel)]
    return "\n\n".join([HEADER, *kernels])


@cache
def load_kernels(text: str) -> dict[str, Any]:
    """The kernels of a text by name; Triton compiles each when it is first called."""
    key = hashlib.sha256(text.encode()).hexdigest()[:24]
    path = code_folder.path_of(key, "py")
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode())
            os.environ.setdefault("TRITON_CACHE_DIR", str(path.parent / CACHE))
        except OSError:  # a full disk
            pass
    name = str(path or f"<kernels {key}>")
    # Triton reads the text of a function by the name of its file: from here, whatever becomes of the file.
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    namespace: dict[str, Any] = {"__name__": f"seqprobe_kernels_{key}"}
    exec(compile(text, name, "exec"), namespace)
    return namespace
