"""Lightning, without SciPy's signal processing and torch's compiler.

After PyTorch and MLflow, importing Lightning takes 0.9 seconds of processor time without the two, 3.1 with them.

torchmetrics imports ``scipy.signal`` to give it a function that it had once. Lightning imports ``torch._dynamo`` to
recognise modules that it compiled, of which there are none before somebody else has imported it. Everything that
imports these packages later gets them themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from torch._compile import _disable_dynamo

__all__ = ["lightning"]


class LoadedClass(type):
    """The type of a stand-in for a class whose module may not be loaded: both have the same instances."""

    module: str

    def __instancecheck__(cls, instance: Any) -> bool:
        loaded = getattr(sys.modules.get(cls.module), cls.__name__, None)
        return loaded is not None and isinstance(instance, loaded)


class OptimizedModule(metaclass=LoadedClass):
    """The stand-in for the class of what ``torch.compile`` returns for a module."""

    module = "torch._dynamo"


def disable(function: Callable[..., Any], recursive: bool = True, reason: str | None = None) -> Callable[..., Any]:
    """As ``torch._dynamo.disable``, which is loaded when the function is called."""
    return _disable_dynamo(function, recursive)


@contextmanager
def placeholder(name: str, **attributes: Any) -> Iterator[None]:
    """Let an empty module with some attributes take the place of one that is not loaded yet, during the block."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = module = ModuleType(name)
    vars(module).update(attributes)
    try:
        yield
    finally:
        del sys.modules[name]


compiler = {"OptimizedModule": OptimizedModule, "disable": disable}
with placeholder("scipy.signal", hamming=None), placeholder("torch._dynamo", **compiler):
    import pytorch_lightning as lightning
