"""The network that unrolls any cell over a sequence and reads its output."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import last_step, mask_padding
from seqprobe.checks import LARGEST_WEIGHT, InvalidValue, choice, integer, number
from seqprobe.models.cells.cell import Cell
from seqprobe.models.initialisation import initialisation

MOST_LAYERS = 1000
"""Far more than gradients pass."""


def affine(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """``inputs (..., n, in)`` times ``weight (..., out, in)`` plus ``bias (..., out)``: ``(..., n, out)``."""
    if weight.dim() == 2:
        return nn.functional.linear(inputs, weight, bias)
    return torch.baddbmm(bias.unsqueeze(1), inputs, weight.mT)


def build_cells(cell: Any, sizes: Sequence[tuple[int, int]]) -> list[Cell]:
    """One layer for each pair of input and hidden size.

    Args:
        cell: builds any layer; or one of them each, in a list.

    Raises:
        InvalidValue: there are more or fewer of them than layers, or one builds no cell.
    """
    builders = cell if isinstance(cell, Sequence) else [cell] * len(sizes)
    if isinstance(cell, str) or not all(map(callable, builders)):
        raise InvalidValue("cell", cell, "must be a cell's config, or a list of one for each layer")
    if isinstance(cell, Sequence) and len(cell) != len(sizes):
        allowed = f"must be one cell, or a list of one for each of the {len(sizes)} layers"
        raise InvalidValue("cell", f"{len(cell)} cells", f"{allowed} (num_layers, and one for readout=recurrent)")
    cells = [build(*pair) for build, pair in zip(builders, sizes, strict=True)]
    for layer in cells:
        if not isinstance(layer, Cell):
            raise InvalidValue("cell._target_", type(layer).__name__, "must be a seqprobe Cell")
    return cells


class DenseReadout(nn.Module):
    """A linear map of the last layer's hidden state: unbounded outputs."""

    def __init__(self, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(output_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(output_size))

    def forward(self, hidden: Tensor) -> Tensor:
        """``(..., batch, time, hidden)`` or ``(..., batch, hidden)`` to the same with ``output_size`` features."""
        seeds = self.weight.dim() - 2
        flat = affine(hidden.flatten(seeds, -2), self.weight, self.bias)
        outputs: Tensor = flat.unflatten(seeds, hidden.shape[seeds:-1])
        return outputs


class RecurrentNetwork(nn.Module):
    """Layers of one cell with a readout. Its weights, and then its inputs, may carry a leading ``seeds`` axis.

    Args:
        input_size, output_size, kind, max_length: the task's.
        cell: builds one layer from ``(input_size, hidden_size)``; a list has one for each layer.
        hidden_size: units in each layer before the readout.
        num_layers: layers before the readout; may be 0 with ``readout="recurrent"``.
        readout: ``"linear"`` (dense), or ``"recurrent"``: a last layer of the same cell, of ``output_size`` units, is
            the output, which bounds it as the cell's hidden state is bounded.
        init: ``"torch"``, ``"keras"``, ``"identity"`` or ``"uniform"`` (in ±init_scale).
        forget_bias: what forget gates' biases start with; None leaves it to ``init``.
        dropout: the share of every layer's outputs that are dropped in training before the next layer or the dense
            readout sees them; states keep theirs (Zaremba et al., 2014).
        truncation: gradients are carried back through stretches of so many steps, counted from the first step
            (Williams and Peng, 1990); None carries them back through all.

    Raises:
        InvalidValue: an argument is outside its range, or ``forget_bias`` is given for a cell without a forget gate.
    """

    supports_stacking = True
    """Every operation takes a leading ``seeds`` axis on weights, so that a population may run as one network."""

    def __init__(
        self,
        input_size: int,
        output_size: int,
        kind: str,
        max_length: int,
        cell: Callable[[int, int], Cell] | Sequence[Callable[[int, int], Cell]],
        hidden_size: int = 16,
        num_layers: int = 1,
        readout: str = "linear",
        init: str = "torch",
        init_scale: float = 0.1,
        forget_bias: float | None = None,
        dropout: float = 0.0,
        truncation: int | None = None,
    ) -> None:
        super().__init__()
        integer("hidden_size", hidden_size)
        choice("readout", readout, ("linear", "recurrent"))
        if integer("num_layers", num_layers, minimum=0, maximum=MOST_LAYERS) == 0 and readout == "linear":
            raise InvalidValue("num_layers", 0, "must be >= 1 with readout=linear")
        self.kind = choice("kind", kind, ("seq2seq", "seq2vec"))
        if not 0 <= number("dropout", dropout) < 1:
            raise InvalidValue("dropout", dropout, "must be in 0 … 1, less than 1")
        self.dropout = dropout
        sizes = [input_size, *[hidden_size] * num_layers]
        if readout == "recurrent":
            sizes.append(output_size)
        cells = build_cells(cell, [*itertools.pairwise(sizes)])
        for layer in cells:
            layer.truncation = None if truncation is None else integer("truncation", truncation)
        self.layers: Any = nn.ModuleList(cells)
        self.readout = DenseReadout(hidden_size, output_size) if readout == "linear" else nn.Identity()
        self.init = initialisation(init, init_scale)
        self.forget_bias = None if forget_bias is None else number("forget_bias", forget_bias, LARGEST_WEIGHT)
        if forget_bias is not None and not any("forget_gate" in layer.gates for layer in cells):
            raise InvalidValue("forget_bias", forget_bias, "this cell has no forget gate; must be null")

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Outputs for right-padded sequences; values in the padding change nothing.

        Args:
            inputs: ``(..., batch, time, input_size)``.
            lengths: ``(..., batch)`` integers in 1 … time.

        Returns:
            seq2seq: ``(..., batch, time, output_size)``, zeros in the padding.
            seq2vec: ``(..., batch, output_size)``, read at each sequence's true last step.
        """
        hidden = mask_padding(inputs, lengths)
        for layer in self.layers:
            hidden = self.drop_outputs(layer(hidden), layer)
        if self.kind == "seq2vec":
            hidden = last_step(hidden, lengths)
        outputs: Tensor = self.readout(hidden)
        return outputs if self.kind == "seq2vec" else mask_padding(outputs, lengths)

    def drop_outputs(self, hidden: Tensor, layer: nn.Module) -> Tensor:
        """A layer's outputs with some set to zero, in training; those of a recurrent readout are the network's."""
        if not (self.dropout and self.training) or (layer is self.layers[-1] and isinstance(self.readout, nn.Identity)):
            return hidden
        return nn.functional.dropout(hidden, self.dropout)

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        """Every gate, candidate and state of every layer: ``"<layer>.<name>"`` to ``(..., batch, time, units)``.

        Layers count from 0 at the input. Zeros in the padding.
        """
        traces: dict[str, Tensor] = {}
        hidden = mask_padding(inputs, lengths)
        for depth, layer in enumerate(self.layers):
            traced = layer.trace(hidden)
            traces |= {f"{depth}.{name}": mask_padding(values, lengths) for name, values in traced.items()}
            hidden = traced[layer.states[0]]
        return traces

    @torch.no_grad()
    def reset_parameters(self, generator: torch.Generator) -> None:
        """Draw new weights from ``generator``, layer by layer from the input."""
        for layer in self.layers:
            layer.reset_parameters(self.init, self.forget_bias, generator)
        if isinstance(self.readout, DenseReadout):
            self.init.input_map(self.readout.weight, self.readout.weight.shape[1], generator)
            self.init.bias(self.readout.bias, self.readout.weight.shape[1], generator)
