"""An animation's frames are kept of a few validations, however many there are."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.frames import MAX_FRAMES, frame_updates
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

TASK = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=4, train_size=8, val_size=4, batch_size=4)


@pytest.mark.parametrize(
    ("max_steps", "val_every", "expected"),
    [(20, 8, [0, 8, 16, 20]), (20, 30, [0, 20]), (48, 2, [*range(0, 49, 2)]), (96, 2, [*range(0, 97, 4)]), (0, 5, [0])],
)
def test_frames_are_equally_spaced_validations(max_steps: int, val_every: int, expected: list[int]) -> None:
    assert frame_updates(max_steps, val_every) == expected


def test_many_validations_keep_as_many_frames_as_an_animation_shows() -> None:
    settings = TrainerSettings(96, val_every=2, accelerator="cpu")
    network = partial(RecurrentNetwork, cell=RNN, hidden_size=2)
    experiment = Experiment(TASK, network, partial(torch.optim.SGD, lr=0.1), [0, 1], settings, engine="stacked")
    result = fit(experiment, MemoryRecorder())
    assert list(result.frames) == list(range(0, 97, 4))
    assert len(result.frames) == MAX_FRAMES
    assert len(result.history["val/loss"]) == 49
    assert result.frames[96].shape == (2, 4, 1)
