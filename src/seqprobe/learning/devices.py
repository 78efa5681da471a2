"""The device that a training runs on: which one, its arithmetic, and waiting for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from seqprobe.checks import InvalidValue
from seqprobe.learning.settings import TrainerSettings

KINDS = {
    "auto": ("mps", "cuda", "cpu"),
    "gpu": ("mps", "cuda"),
    "cuda": ("cuda",),
    "mps": ("mps",),
    "cpu": ("cpu",),
}
"""The kinds of devices that ``trainer.accelerator`` may mean; the first that the machine has is taken."""


def is_available(kind: str) -> bool:
    """Whether the machine has a device of a kind; no context is opened on a GPU to find out."""
    if kind == "cuda":
        return torch.cuda.device_count() > 0
    return kind == "cpu" or torch.backends.mps.is_available()


def device_kind(settings: TrainerSettings) -> str:
    """The kind of device that ``settings`` choose on this machine: ``cpu``, ``cuda`` or ``mps``.

    Raises:
        InvalidValue: the machine has no such device, or the device does not have the precision.
    """
    accelerator = settings.accelerator
    kind = next((kind for kind in KINDS[accelerator] if is_available(kind)), None)
    if kind is None:
        raise InvalidValue("trainer.accelerator", accelerator, "is not available on this machine; use auto or cpu")
    if kind == "mps" and settings.precision == "64-true":
        allowed = "Apple's GPUs (MPS) have no 64-bit numbers; use 32-true, or trainer.accelerator=cpu"
        raise InvalidValue("trainer.precision", settings.precision, allowed)
    return kind


def synchronize(device: torch.device) -> None:
    """Wait for the work that is queued on a device."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@contextmanager
def full_float32() -> Iterator[None]:
    """Products of float32 numbers are float32 on every device, in every engine; afterwards all is as it was before.

    Without it, cuDNN's recurrent layers round factors to TF32, which has ten bits, while the other engine's matrix
    products do not. torch keeps an old and a new setting for the same, and refuses to compute while they contradict
    each other, so both are set.
    """
    cudnn: Any = torch.backends.cudnn
    parts = [cudnn.conv, cudnn.rnn, torch.backends.cuda.matmul]
    before = [part.fp32_precision for part in parts]
    products, allowed = torch.get_float32_matmul_precision(), is_tf32_allowed()
    torch.set_float32_matmul_precision("highest")
    cudnn.allow_tf32 = False
    for part in parts:
        part.fp32_precision = "ieee"
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(products)
        cudnn.allow_tf32 = allowed
        for part, precision in zip(parts, before, strict=True):
            part.fp32_precision = precision


def is_tf32_allowed() -> bool:
    """torch's old setting for cuDNN; its default where it cannot be read, because the new setting contradicts it."""
    try:
        return torch.backends.cudnn.allow_tf32
    except RuntimeError:
        return True
