"""A large population stays within the memory that its training was given."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import resource
from functools import partial
from unittest import mock

import numpy as np
import torch

from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Sine

torch.set_num_threads(1)
task = NameParameters(
    "t", Sine([0, 0.49]), ["amplitude"], points=3, train_size=140_000, val_size=1000, batch_size=20
)
network, optimizer = partial(RecurrentNetwork, cell=LSTM, hidden_size=16), partial(torch.optim.Adam, lr=0.01)
settings = TrainerSettings(30, accelerator="cpu", memory_gib=4)
experiment = Experiment(task, network, optimizer, range(256), settings, engine="stacked")
recorder = MemoryRecorder()
with mock.patch("seqprobe.learning.plan.PopulationData", wraps=PopulationData) as data:
    fit(experiment, recorder)
losses = recorder.history("train/loss")[1]
kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(data.call_count, *losses.shape, int(np.isfinite(losses).all()), kib)
"""


def test_256_members_with_140000_sequences_each_train_in_4_gib() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    groups, members, updates, finite, kib = map(int, done.stdout.split())
    assert (groups, members, updates, finite) == (1, 256, 30, 1)
    assert kib < 3 * 2**20
