"""A placeholder takes a module's place during a block alone, and never that of one that is loaded."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import scipy.signal
from scripts import run_script

from seqprobe.checks import single_line
from seqprobe.learning.lightning_import import OptimizedModule, disable, lightning, placeholder


def test_a_placeholder_is_gone_after_its_block() -> None:
    with placeholder("not.loaded", one=1):
        assert vars(sys.modules["not.loaded"])["one"] == 1
    assert "not.loaded" not in sys.modules


def test_a_module_that_is_loaded_stays() -> None:
    with placeholder("scipy.signal", hamming=None):
        assert sys.modules["scipy.signal"] is scipy.signal


def test_scipy_s_own_package_is_there_beside_lightning() -> None:
    assert lightning.Trainer.__module__.startswith("pytorch_lightning")
    assert scipy.signal.find_peaks([0, 1, 0])[0].tolist() == [1]


@pytest.mark.parametrize(("loaded", "is_compiled"), [(SimpleNamespace(OptimizedModule=dict), True), (None, False)])
def test_a_module_is_compiled_if_the_compiler_is_loaded_and_made_it(
    loaded: object, is_compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch._dynamo", loaded)
    assert isinstance({}, OptimizedModule) == is_compiled
    assert not isinstance([], OptimizedModule)


def test_what_is_never_compiled_loads_the_compiler_when_it_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # from here on, importing it raises
    never_compiled = disable(single_line, reason="of none")
    assert never_compiled.__name__ == "single_line"
    with pytest.raises(ImportError, match=r"torch\._dynamo"):
        never_compiled(ValueError())


def test_a_training_needs_no_compiler_of_torchs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)
    short = ["trainer.max_steps=2", "trainer.val_every=2", "seeds=1", f"tracking.dir={tmp_path}"]
    assert run_script("train", ["task=line_xy", "model=rnn", *short]) == 0


@pytest.mark.slow
def test_what_a_training_imports_has_neither_package() -> None:
    code = "import sys, seqprobe.run.worker; print({'scipy.signal', 'torch._dynamo'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
