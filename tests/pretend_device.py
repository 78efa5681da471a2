"""A device that is not there: its tensors are on the CPU, but refuse what a Mac's GPU refuses.

Tensors of different devices do not mix, NumPy cannot read them, and none of them has 64-bit floating-point numbers.
`PretendDevice` lets code run unchanged on it, and Lightning train on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytorch_lightning as lightning
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

DEVICE = torch.device("meta")
"""A kind of device that torch has no numbers on: whatever is not passed on to the CPU fails."""
CONVERSIONS = (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default)


class PretendTensor(torch.Tensor):
    """A tensor of the pretended device, which holds its numbers in a tensor of the CPU."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, held: torch.Tensor) -> PretendTensor:
        if held.dtype in (torch.float64, torch.complex128):
            raise TypeError("this device has no float64")
        place = {"strides": held.stride(), "storage_offset": held.storage_offset(), "dtype": held.dtype}
        with torch.inference_mode(False):  # a view of a tensor that is none of inference must be none, either
            made = torch.Tensor._make_wrapper_subclass(cls, held.size(), device=DEVICE, **place)
        made.held = held
        return made

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.Tensor.tolist:  # torch copies to the CPU for it, but for tensors that it knows
            return args[0].held.tolist()
        with torch._C.DisableTorchFunctionSubclass():
            result = func(*args, **(kwargs or {}))
        if func == torch.Tensor.data.__set__:  # torch swaps what it knows of the tensor, which is not what this holds
            args[0].held = args[1].held
        return result

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return compute(func, args, kwargs or {})

    def __deepcopy__(self, memo: Any) -> PretendTensor:
        copied = PretendTensor(self.held.detach().clone()).requires_grad_(self.requires_grad)
        return torch.nn.Parameter(copied, self.requires_grad) if isinstance(self, torch.nn.Parameter) else copied

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.held.detach().__reduce_ex__(protocol)


class PretendDevice(TorchDispatchMode):
    """While it is entered, tensors can be made on the device."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return compute(func, args, kwargs or {})


def compute(func: Any, args: Any, kwargs: Any) -> Any:
    """Compute on the CPU what the device is asked for."""
    given = [value for value in tree_leaves((args, kwargs)) if isinstance(value, torch.Tensor)]
    there = [value for value in given if isinstance(value, PretendTensor)]
    wanted = kwargs.get("device")
    on_device = bool(there) if wanted is None else torch.device(wanted).type == DEVICE.type
    if not there and not on_device:
        return func(*args, **kwargs)
    if func in CONVERSIONS:
        refuse_float64(given, kwargs.get("dtype"), on_device or bool(there))
    elif there and any(value.dim() and not isinstance(value, PretendTensor) for value in given):
        raise RuntimeError(f"{func} got tensors of different devices")
    if wanted is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    plain = tree_map(lambda value: value.held if isinstance(value, PretendTensor) else value, (args, kwargs))
    with torch.inference_mode(False):
        result = func(*plain[0], **plain[1])
    if func._schema.is_mutable:
        return kwargs.get("out", args[0])
    if not on_device:
        return result
    return tree_map(lambda value: PretendTensor(value) if isinstance(value, torch.Tensor) else value, result)


def refuse_float64(given: list[torch.Tensor], dtype: torch.dtype | None, touches_device: bool) -> None:
    """Refuse a move that converts on the way: which side would convert is the device's choice."""
    if touches_device and torch.float64 in (*(value.dtype for value in given), dtype):
        raise TypeError("this device has no float64")


class PretendConstants(TorchFunctionMode):
    """While it is entered, constants can be made on the device; torch makes them without dispatching."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") is not None:
            device = kwargs.pop("device")
            return func(*args, **kwargs).to(device)
        return func(*args, **kwargs)


class PretendAccelerator(lightning.accelerators.MPSAccelerator):
    """What Lightning trains on."""

    def setup_device(self, device: torch.device) -> None:
        assert device == DEVICE

    @staticmethod
    def parse_devices(devices: Any) -> list[int]:
        return [0]

    @staticmethod
    def get_parallel_devices(devices: Any) -> list[torch.device]:
        return [DEVICE]

    @staticmethod
    def is_available() -> bool:
        return True


@contextmanager
def training_on_pretend_device() -> Iterator[None]:
    """Trainings run on the device, whatever their ``accelerator``."""
    with PretendDevice(), PretendConstants(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqprobe.learning.lightning_trainer.device_kind", lambda settings: PretendAccelerator())
        patch.setattr("seqprobe.learning.experiment.device_kind", lambda settings: "pretend")
        yield
