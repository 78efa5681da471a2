"""A placeholder takes a module's place during a block alone, and never that of one that is loaded."""

import sys

import scipy.signal

from seqprobe.learning.lightning_import import lightning, placeholder


def test_a_placeholder_is_gone_after_its_block() -> None:
    with placeholder("not.loaded", "one"):
        assert vars(sys.modules["not.loaded"])["one"] is None
    assert "not.loaded" not in sys.modules


def test_a_module_that_is_loaded_stays() -> None:
    with placeholder("scipy.signal", "hamming"):
        assert sys.modules["scipy.signal"] is scipy.signal


def test_scipy_s_own_package_is_there_beside_lightning() -> None:
    assert lightning.Trainer.__module__.startswith("pytorch_lightning")
    assert scipy.signal.find_peaks([0, 1, 0])[0].tolist() == [1]
