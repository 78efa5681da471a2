"""The multilayer perceptron that reads a whole sequence at once: a control without a state."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import mask_padding
from seqprobe.checks import InvalidValue, choice, integer
from seqprobe.models.initialisation import initialisation
from seqprobe.models.recurrent import DenseReadout

ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


class MLP(nn.Module):
    """Dense layers over all steps of a sequence. Its weights, and then its inputs, may carry a leading ``seeds`` axis.

    Sequences shorter than ``max_length`` are padded with zeros. Longer ones do not fit: their outputs are NaN.

    Args:
        input_size, output_size, kind, max_length: the task's; ``kind`` must be ``"seq2vec"``.
        hidden_sizes: units of each hidden layer.
        activation: ``"sigmoid"``, ``"tanh"`` or ``"relu"``.
        init: ``"torch"``, ``"keras"`` or ``"uniform"`` (in ±init_scale).

    Raises:
        InvalidValue: an argument is outside its range, or the task has an output at every step.
    """

    supports_stacking = True

    def __init__(
        self,
        input_size: int,
        output_size: int,
        kind: str,
        max_length: int,
        hidden_sizes: Sequence[int] = (152,),
        activation: str = "sigmoid",
        init: str = "torch",
        init_scale: float = 0.1,
    ) -> None:
        super().__init__()
        if kind != "seq2vec":
            raise InvalidValue("kind", kind, "a perceptron needs a task with one output per sequence, seq2vec")
        if isinstance(hidden_sizes, str) or not isinstance(hidden_sizes, Sequence):
            raise InvalidValue("hidden_sizes", hidden_sizes, "must be a list of sizes")
        hidden = [integer("hidden_sizes", size) for size in hidden_sizes]
        self.max_length = max_length
        self.activation = ACTIVATIONS[choice("activation", activation, ACTIVATIONS)]
        sizes = [max_length * input_size, *hidden, output_size]
        self.layers: Any = nn.ModuleList(itertools.starmap(DenseReadout, itertools.pairwise(sizes)))
        self.init = initialisation(choice("init", init, ("torch", "keras", "uniform")), init_scale)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Outputs ``(..., batch, output_size)`` for right-padded ``inputs (..., batch, time, input_size)``."""
        seen = mask_padding(inputs, lengths)[..., : self.max_length, :]
        missing = self.max_length - seen.shape[-2]
        values = nn.functional.pad(seen, (0, 0, 0, missing)).flatten(-2)
        *hidden, readout = self.layers
        for layer in hidden:
            values = self.activation(layer(values))
        outputs: Tensor = readout(values)
        if inputs.shape[-2] > self.max_length:
            outputs = outputs.masked_fill((lengths > self.max_length).unsqueeze(-1), torch.nan)
        return outputs

    @torch.no_grad()
    def reset_parameters(self, generator: torch.Generator) -> None:
        """Draw new weights from ``generator``, layer by layer from the input."""
        for layer in self.layers:
            self.init.input_map(layer.weight, layer.weight.shape[1], generator)
            self.init.bias(layer.bias, layer.weight.shape[1], generator)
