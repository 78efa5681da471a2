"""Objects that a config names."""

from __future__ import annotations

import pytest
import torch

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_network


class Unready(torch.nn.Module):
    """A network that takes no sizes."""


def test_a_constructor_that_does_not_take_the_sizes_is_refused_with_their_names() -> None:
    message = "were given; a model is built from input_size, output_size, kind, max_length$"
    with pytest.raises(InvalidValue, match=message):
        build_network({"_target_": "mine.Unready"}, Unready, 1, 1, "seq2seq", 20)
