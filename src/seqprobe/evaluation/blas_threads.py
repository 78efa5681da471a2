"""How many threads NumPy's and SciPy's linear algebra (BLAS) takes while probes run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def limited_blas() -> Iterator[None]:
    """Give BLAS as many threads as torch has, the training's ``threads``; it counts in libraries that are loaded.

    By itself it takes every core, and its threads wait for each other by spinning: a logistic regression on a few
    hidden units then costs ten times the processor time of one thread, with the same result.
    """
    with threadpool_limits(torch.get_num_threads(), user_api="blas"):
        yield
