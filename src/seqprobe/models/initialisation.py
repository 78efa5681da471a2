"""How weights start: by role (input map, recurrent map, bias, readout), from an explicit generator."""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor, nn

from seqprobe.checks import LARGEST_WEIGHT, InvalidValue, choice, number


class Initialisation(Protocol):
    """Fills weights in place; matrices are ``(out, in)`` as torch.nn keeps them."""

    forget_bias: float | None
    """Bias that forget gates start with; None leaves it to ``bias``."""

    def input_map(self, weight: Tensor, hidden_size: int, generator: torch.Generator) -> None: ...
    def recurrent_map(self, weight: Tensor, hidden_size: int, generator: torch.Generator) -> None: ...
    def bias(self, bias: Tensor, hidden_size: int, generator: torch.Generator) -> None: ...


class TorchInitialisation:
    """As torch.nn: everything uniform in ±1/sqrt(hidden_size)."""

    forget_bias: float | None = None

    def input_map(self, weight: Tensor, hidden_size: int, generator: torch.Generator) -> None:
        bound = 1 / math.sqrt(hidden_size)
        nn.init.uniform_(weight, -bound, bound, generator=generator)

    recurrent_map = input_map
    bias = input_map


class KerasInitialisation:
    """As Keras: Glorot-uniform input maps, orthogonal recurrent maps, zero biases, forget bias 1.

    Like Keras, it treats the maps of all gates as one matrix (Glorot and Bengio, 2010; Saxe et al., 2014;
    forget bias: Jozefowicz et al., 2015).
    """

    forget_bias: float | None = 1.0

    def input_map(self, weight: Tensor, hidden_size: int, generator: torch.Generator) -> None:
        nn.init.xavier_uniform_(weight, generator=generator)

    def recurrent_map(self, weight: Tensor, hidden_size: int, generator: torch.Generator) -> None:
        nn.init.orthogonal_(weight, generator=generator)

    def bias(self, bias: Tensor, hidden_size: int, generator: torch.Generator) -> None:
        nn.init.zeros_(bias)


class IdentityInitialisation(KerasInitialisation):
    """Recurrent maps start as the identity, for each gate (Le, Jaitly and Hinton, 2015); the rest as Keras does."""

    forget_bias: float | None = None

    def recurrent_map(self, weight: Tensor, hidden_size: int, generator: torch.Generator) -> None:
        weight.copy_(torch.eye(hidden_size, weight.shape[1]).repeat(weight.shape[0] // hidden_size, 1))


class UniformInitialisation:
    """Everything uniform in ±scale."""

    forget_bias: float | None = None

    def __init__(self, scale: float) -> None:
        self.scale = number("init_scale", scale, LARGEST_WEIGHT)
        if self.scale <= 0:
            raise InvalidValue("init_scale", scale, "must be > 0")

    def input_map(self, weight: Tensor, hidden_size: int, generator: torch.Generator) -> None:
        nn.init.uniform_(weight, -self.scale, self.scale, generator=generator)

    recurrent_map = input_map
    bias = input_map


def initialisation(name: str, scale: float) -> Initialisation:
    """The initialisation called ``torch``, ``keras``, ``identity`` or ``uniform`` (which alone uses ``scale``).

    Raises:
        InvalidValue: there is none of that name.
    """
    choice("init", name, ("torch", "keras", "identity", "uniform"))
    uniform = UniformInitialisation(scale)  # built in any case: a wrong scale is an error even where it is unused
    by_name: dict[str, Initialisation] = {
        "torch": TorchInitialisation(),
        "keras": KerasInitialisation(),
        "identity": IdentityInitialisation(),
        "uniform": uniform,
    }
    return by_name[name]
