"""The recurrent network that reads every sequence in both directions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import last_step, mask_padding
from seqprobe.checks import InvalidValue
from seqprobe.models.cells.cell import Cell
from seqprobe.models.recurrent import DenseReadout, RecurrentNetwork, build_cells


class BidirectionalNetwork(RecurrentNetwork):
    """Each layer is a pair of cells: one reads forward, the other from the last step back (Schuster and Paliwal, 1997).

    Both have ``hidden_size`` units; the next layer and the dense readout see the outputs of both. For one output per
    sequence, the readout sees each direction's last state, as torch.nn's packed sequences return them.

    Args:
        settings: those of `RecurrentNetwork`, but for the readout, which is dense.

    Raises:
        InvalidValue: as for `RecurrentNetwork`, or ``readout`` is not ``"linear"``.
    """

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
        if readout != "linear":
            raise InvalidValue("readout", readout, "must be linear: a recurrent readout has one direction")
        super().__init__(
            input_size,
            output_size,
            kind,
            max_length,
            cell,
            hidden_size,
            num_layers,
            init=init,
            init_scale=init_scale,
            forget_bias=forget_bias,
            dropout=dropout,
            truncation=truncation,
        )
        pairs = [(before, hidden_size) for before in (input_size, *[2 * hidden_size] * (num_layers - 1))]
        self.layers = nn.ModuleList(build_cells(cell, pairs))
        self.backward_layers: Any = nn.ModuleList(build_cells(cell, pairs))
        for layer in itertools.chain(self.layers, self.backward_layers):
            layer.truncation = truncation
        self.readout = DenseReadout(2 * hidden_size, output_size)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """As `RecurrentNetwork.forward`."""
        hidden, directions = mask_padding(inputs, lengths), list[Tensor]()
        for layer, backward_layer in zip(self.layers, self.backward_layers, strict=True):
            directions = [layer(hidden), backward_layer(reversed_steps(hidden, lengths))]
            hidden = self.drop_outputs(torch.cat([directions[0], reversed_steps(directions[1], lengths)], -1), layer)
        if self.kind == "seq2vec":
            final = torch.cat([last_step(direction, lengths) for direction in directions], -1)
            outputs: Tensor = self.readout(self.drop_outputs(final, self.layers[-1]))
            return outputs
        return mask_padding(self.readout(hidden), lengths)

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        """As `RecurrentNetwork.trace`; what reads backward is called ``"<layer>.backward_<name>"``."""
        traces: dict[str, Tensor] = {}
        hidden = mask_padding(inputs, lengths)
        for depth, (layer, backward_layer) in enumerate(zip(self.layers, self.backward_layers, strict=True)):
            forth, back = layer.trace(hidden), backward_layer.trace(reversed_steps(hidden, lengths))
            back = {name: reversed_steps(values, lengths) for name, values in back.items()}
            for side, traced in (("", forth), ("backward_", back)):
                traces |= {f"{depth}.{side}{name}": mask_padding(values, lengths) for name, values in traced.items()}
            hidden = torch.cat([forth[layer.states[0]], back[layer.states[0]]], -1)
        return traces

    @torch.no_grad()
    def reset_parameters(self, generator: torch.Generator) -> None:
        """Draw new weights from ``generator``: the layers that read forward, the readout, those that read backward."""
        super().reset_parameters(generator)
        for layer in self.backward_layers:
            layer.reset_parameters(self.init, self.forget_bias, generator)


def reversed_steps(values: Tensor, lengths: Tensor) -> Tensor:
    """``(..., batch, time, features)`` with every sequence's true steps in the opposite order, padding in its place."""
    steps = torch.arange(values.shape[-2], device=values.device)
    lengths = lengths.unsqueeze(-1)
    index = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return values.gather(-2, index.unsqueeze(-1).expand(values.shape))
