"""Layers that draw at random while they are trained, such as dropout: what they draw, and which networks have them.

Such layers draw from torch's global generators. A member has to draw the same in a population of any size, so the
generators are restarted before its forward pass in every update. Members that are stacked into one network would share
one mask, or split one stream among them, so networks that draw are never stacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from seqprobe.batch import Batch


def restart_generators(device: torch.device, number: int) -> None:
    """Restart the global generators that layers on ``device`` draw from; torch's own function restarts every GPU's."""
    torch.default_generator.manual_seed(number)
    if device.type == "cuda":
        torch.cuda.default_generators[device.index].manual_seed(number)
    elif device.type == "mps":
        torch.mps.manual_seed(number)


@contextmanager
def preserved_generators(device: torch.device) -> Iterator[None]:
    """Afterwards, the global generators that layers on ``device`` draw from go on where they were before."""
    apple = torch.mps.get_rng_state() if device.type == "mps" else None
    try:
        with torch.random.fork_rng([device] if device.type == "cuda" else [], device_type="cuda"):
            yield
    finally:
        if apple is not None:
            torch.mps.set_rng_state(apple)


def draws_at_random(network: nn.Module, batch: Batch) -> bool:
    """Whether a forward pass in training takes numbers from torch's global generator, tried on a batch on the CPU."""
    with torch.random.fork_rng([]), torch.no_grad():
        before = torch.get_rng_state()
        network.train()(batch.inputs, batch.lengths)
        return not torch.equal(before, torch.get_rng_state())


@contextmanager
def torch_dropout(network: nn.Module) -> Iterator[None]:
    """Dropout between the layers of `torch.nn.LSTM` and its like draws from torch's generators on GPUs, too.

    cuDNN draws it from a generator of its own, which starts once per process and cannot be restarted, so such networks
    are computed without cuDNN.
    """
    has_dropout = any(isinstance(layer, nn.RNNBase) and layer.dropout > 0 for layer in network.modules())
    before = torch.backends.cudnn.enabled
    torch.backends.cudnn.enabled = before and not has_dropout
    try:
        yield
    finally:
        torch.backends.cudnn.enabled = before
