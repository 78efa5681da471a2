"""Process-wide settings of computation: threads, and how freed memory is kept."""

from __future__ import annotations

import ctypes

import torch

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's ``mallopt``."""


def configure_process(threads: int) -> None:
    """Set the thread count and keep freed memory.

    glibc gives large blocks back to the system as soon as they are freed; allocating them again at every update, page
    by page, costs big populations up to half of their time. Where the C library is another one, nothing is changed.
    """
    torch.set_num_threads(threads)
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(MMAP_THRESHOLD, 2**30)
    mallopt(TRIM_THRESHOLD, 2**31 - 1)
