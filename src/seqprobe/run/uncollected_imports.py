"""Imports without garbage collection, which would look again and again through the million objects that they make."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected_imports() -> Iterator[None]:
    """Collect no garbage in the block, nor look for any later in what exists when it has imported something."""
    was_enabled, loaded = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > loaded:  # else what exists by now are also the remains of an earlier training
            gc.freeze()
        if was_enabled:
            gc.enable()
