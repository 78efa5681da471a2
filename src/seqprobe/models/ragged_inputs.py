"""Sequences of any length, as people have them, to the padded tensors that networks take, and outputs back again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from seqprobe.checks import InvalidValue

if TYPE_CHECKING:
    import pandas

KEY = "sequence"
"""The column of a frame that tells its sequences apart, whatever it was called in training."""


@dataclass(frozen=True)
class FrameColumns:
    """What a network knows of frames: those of a table that it was trained on.

    Attributes:
        sequence: the column that names the sequence of each row.
        features: the columns of inputs, in the network's order; empty: all others, in the frame's order.
    """

    sequence: str = KEY
    features: Sequence[str] = ()

    def key(self, frame: pandas.DataFrame) -> str | None:
        """The column that tells a frame's sequences apart; None for a single sequence."""
        return next((name for name in (self.sequence, KEY) if name in frame.columns), None)

    def inputs(self, frame: pandas.DataFrame) -> pandas.DataFrame:
        """The columns of inputs: by name where a frame has them all, so that it may have others."""
        if self.features and set(self.features) <= set(frame.columns):
            return frame[list(self.features)]
        key = self.key(frame)
        return frame if key is None else frame.drop(columns=key)


@dataclass(frozen=True)
class Sequences:
    """Right-padded sequences.

    Attributes:
        values: ``(batch, time, features)``, zeros in the padding.
        lengths: ``(batch,)`` integers.
        is_ragged: whether they came one by one, so that outputs per step are given back one by one.
    """

    values: np.ndarray
    lengths: np.ndarray
    is_ragged: bool = False

    @classmethod
    def read(cls, inputs: Any, input_size: int, columns: FrameColumns = FrameColumns()) -> Sequences:
        """Read an array ``(batch, time, features)``, a sequence of arrays ``(time, features)``, or a frame.

        A frame has a row per step and a column per feature; those of several sequences are told apart by another
        column, which is called `KEY` or as in the table that the network was trained on.

        Raises:
            InvalidValue: the shapes do not fit a network of ``input_size`` features, or the values are not numbers.
        """
        if is_frame(inputs):
            return cls.read(frame_arrays(inputs, columns), input_size)
        if isinstance(inputs, Sequence) and not isinstance(inputs, str):
            return cls._from_list([numbers(item) for item in inputs], input_size)
        values = numbers(inputs)
        if values.ndim != 3 or values.shape[-1] != input_size or 0 in values.shape:
            raise InvalidValue("inputs", values.shape, shape_words("batch, time", input_size, values.shape))
        return cls(values, np.full(len(values), values.shape[1]))

    @classmethod
    def _from_list(cls, items: Sequence[np.ndarray], input_size: int) -> Sequences:
        if not items:
            raise InvalidValue("inputs", [], "must have one or more sequences")
        for index, item in enumerate(items):
            if item.ndim != 2 or item.shape[-1] != input_size or not len(item):
                raise InvalidValue(f"inputs[{index}]", item.shape, shape_words("time", input_size, item.shape))
        lengths = np.array([len(item) for item in items])
        values = np.zeros((len(items), lengths.max(), input_size), np.result_type(*items))
        for row, item in zip(values, items, strict=True):
            row[: len(item)] = item
        return cls(values, lengths, True)

    def with_lengths(self, lengths: np.ndarray) -> Sequences:
        """The same with stated true lengths.

        Raises:
            InvalidValue: there is not one for every sequence, or one is longer than the sequences are.
        """
        steps = self.values.shape[1]
        if lengths.shape != self.lengths.shape or lengths.min() < 1 or lengths.max() > steps:
            raise InvalidValue("lengths", lengths.tolist(), f"must be {len(self.lengths)} integers in 1 … {steps}")
        return replace(self, lengths=lengths)

    def tensors(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and lengths, with the numbers and on the device of a tensor."""
        return torch.as_tensor(self.values).to(like.dtype).to(like.device), torch.as_tensor(self.lengths).to(
            like.device
        )

    def separate(self, outputs: np.ndarray) -> Any:
        """Outputs per step ``(…, batch, time, features)`` of ragged sequences as ``(…, time, features)`` for each."""
        if not self.is_ragged:
            return outputs
        return [outputs[..., index, :length, :] for index, length in enumerate(self.lengths.tolist())]


def is_frame(inputs: Any) -> bool:
    """Whether inputs are a frame, without importing pandas."""
    return hasattr(inputs, "columns")


def numbers(values: Any) -> np.ndarray:
    """Values as an array of floating-point numbers.

    Raises:
        InvalidValue: they are not numbers, or not of one shape.
    """
    allowed = "must be an array of numbers (batch, time, features), or a list of arrays (time, features)"
    try:
        array = np.asarray(values.detach().cpu() if isinstance(values, Tensor) else values)
        if array.dtype.kind != "c":  # NumPy would drop the imaginary parts
            return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    except (TypeError, ValueError) as problem:
        raise InvalidValue("inputs", type(values).__name__, allowed) from problem
    raise InvalidValue("inputs", array.dtype, allowed)


def shape_words(axes: str, features: int, shape: tuple[int, ...]) -> str:
    """What shape is expected, with advice where one axis is missing."""
    words = f"must have the shape ({axes}, {features}) and no axis of length 0"
    if axes != "time" and len(shape) == 2:
        words += "; one sequence is inputs[None]" if shape[-1] == features else "; one feature is inputs[..., None]"
    return words


def frame_arrays(frame: pandas.DataFrame, columns: FrameColumns) -> list[np.ndarray]:
    """The sequences of a frame, ``(time, features)`` each, in the order of their first rows."""
    key, inputs = columns.key(frame), columns.inputs(frame)
    return [numbers(inputs)] if key is None else [numbers(rows) for _, rows in inputs.groupby(frame[key], sort=False)]


def output_frame(
    frame: pandas.DataFrame,
    outputs: Sequence[np.ndarray] | np.ndarray,
    names: Sequence[str] | None,
    frame_columns: FrameColumns,
) -> pandas.DataFrame:
    """Outputs of a frame's sequences: a row for each of its rows; of one output per sequence, for each sequence.

    Args:
        outputs: per step, ``(time, output_size)`` for each sequence; or ``(sequences, output_size)``.
        names: of the outputs; None: ``output_0`` and so on.
    """
    import pandas as pd

    key = frame_columns.key(frame)
    keys = pd.Series(0, frame.index) if key is None else frame[key]
    values = outputs if isinstance(outputs, np.ndarray) else np.concatenate(list(outputs))
    columns = pd.Index(names or [f"output_{index}" for index in range(values.shape[-1])])
    if isinstance(outputs, np.ndarray):
        rows = pd.RangeIndex(len(values)) if key is None else pd.Index(keys.unique(), name=key)
        return pd.DataFrame(values, rows, columns)
    numbered = np.arange(len(frame))
    places = np.concatenate([numbered[keys == name] for name in keys.unique()])
    return pd.DataFrame(values[np.argsort(places)], frame.index, columns)
