"""How this process computes: its threads, and what becomes of memory that was freed."""

from __future__ import annotations

import ctypes

import torch

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's ``mallopt``."""


def tune(threads: int) -> None:
    """Compute with so many threads, and keep freed memory for what comes next.

    glibc gives large blocks back to the system as soon as they are freed; asking for them again at every update, page
    by page, costs big populations up to half of their time. Where the C library is another one, nothing is changed.
    """
    torch.set_num_threads(threads)
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(MMAP_THRESHOLD, 2**30)
    mallopt(TRIM_THRESHOLD, 2**31 - 1)
