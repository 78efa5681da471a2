"""Memory for the values of all steps, which the next update uses again.

The system hands out fresh memory page by page, which takes longer than to fill it. Allocators keep small pieces for
the next request, but give back pieces of tens of MiB, which a population's sequences need.
"""

from __future__ import annotations

from collections import deque
from weakref import finalize

import torch
from torch import Tensor

MOST_WASTE = 2
"""Memory is used again for what needs at least one part of so many of it."""

_spare: deque[Tensor] = deque()


class KeptMemory:
    """So many bytes, to be used again when this object is deleted.

    Attributes:
        address: where they begin, a multiple of 64.
    """

    def __init__(self, size: int) -> None:
        memory = taken(size)
        self.address = memory.data_ptr()
        finalize(self, _spare.append, memory).atexit = False


def taken(size: int) -> Tensor:
    """Spare memory of about that size, or else fresh memory; then no memory stays spare."""
    for _ in range(len(_spare)):
        memory = _spare.popleft()
        if size <= len(memory) <= MOST_WASTE * size:
            return memory
        _spare.append(memory)
    drop_spare_memory()
    return torch.empty(size, dtype=torch.uint8)


def drop_spare_memory() -> None:
    """Give back to the system what is not in use."""
    _spare.clear()
