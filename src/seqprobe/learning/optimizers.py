"""Which optimizers train a population: those that update every weight on its own, whatever is stacked beside it.

One optimizer steps the weights of all members, as one tensor. Optimizers that see a weight matrix as a whole (LBFGS,
Muon, Adafactor) would mix members, and the parameters of one member with each other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

import torch

from seqprobe.checks import InvalidValue, single_line

OptimizerFactory = Callable[[Iterable[torch.nn.Parameter]], torch.optim.Optimizer]

ELEMENTWISE = (
    "SGD",
    "Adam",
    "AdamW",
    "NAdam",
    "RAdam",
    "Adamax",
    "Adagrad",
    "Adadelta",
    "RMSprop",
    "Rprop",
    "ASGD",
)
"""Those of torch.optim."""
WRAPPED = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
"""Methods of every optimizer that load torch's compiler, besides ``step``."""
SHAPE, STEPS = (2, 8), 3
"""Of the weights and updates on which an optimizer is tried."""


def check_elementwise(factory: OptimizerFactory) -> None:
    """Try whether an optimizer updates weights together as it updates each of them alone.

    Raises:
        InvalidValue: it does not, or cannot be stepped without more than gradients.
    """
    drawn = torch.Generator().manual_seed(0)
    weights = torch.randn(SHAPE, generator=drawn, dtype=torch.float64)
    gradients = torch.randn(STEPS, *SHAPE, generator=drawn, dtype=torch.float64)
    name, allowed = (
        type(factory([torch.nn.Parameter(torch.zeros(1, 1))])).__name__,
        "must update every weight on its own",
    )
    try:
        together = updated(factory, weights, gradients)
        alone = [updated(factory, *pair) for pair in zip(pieces(weights), pieces(gradients), strict=True)]
    except Exception as problem:  # optimizers of a user's own may raise anything
        raise InvalidValue("optimizer", name, f"{allowed}; a step ends with {single_line(problem)}") from problem
    if not torch.allclose(together.flatten(), torch.cat(alone).flatten(), rtol=1e-9, atol=1e-12, equal_nan=True):
        raise InvalidValue("optimizer", name, f"{allowed}, as {ELEMENTWISE[0]} or {ELEMENTWISE[1]} do")


def eager_factory(factory: Callable[..., Any]) -> Callable[..., Any]:
    """The factory itself, or for one of torch's optimizers its `eager_class`."""
    kind: Any = factory.func if isinstance(factory, partial) else factory
    is_class = isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer)
    if not is_class or kind.__module__.partition(".")[0] != "torch":
        return factory
    eager = eager_class(kind)
    return partial(eager, *factory.args, **factory.keywords) if isinstance(factory, partial) else eager


@cache
def eager_class(kind: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
    """An optimizer that steps as one of torch's, without what surrounds its methods there.

    That is torch's compiler, which never compiles it here and takes a second and 77 MiB to load, and hooks and the
    profiler around every step, which take as long as the step of small weights.
    """
    methods: dict[str, Any] = {name: inspect.unwrap(getattr(kind, name)) for name in WRAPPED}
    methods |= {
        "step": torch.no_grad()(inspect.unwrap(kind.step)),
        "profile_hook_step": staticmethod(lambda step: step),
    }
    return type(kind.__name__, (kind,), methods)


def pieces(values: torch.Tensor) -> list[torch.Tensor]:
    """``(..., rows, columns)`` as tensors ``(..., 1, 1)``."""
    return [column for row in values.split(1, -2) for column in row.split(1, -1)]


def updated(factory: OptimizerFactory, weights: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
    """Weights after one step for each of the ``gradients``."""
    parameter = torch.nn.Parameter(weights.clone())
    optimizer = factory([parameter])
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
    return parameter.detach()
