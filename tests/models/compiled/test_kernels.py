"""The kernels of a GPU compute what the machine code computes, in Triton's interpreter, and they can be compiled."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from compiled_checks import CELLS, check, check_lengths, check_members, check_validation, drawn
from triton_folder import environment, interpret_kernels

from seqprobe.models import Cell
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.compiled import code_folder
from seqprobe.models.compiled.compiled_cell import CompiledCell

pytestmark = [
    pytest.mark.slow,
    # NumPy's, of NaN, and of tiles where there are no units: masks keep both from what is compared.
    pytest.mark.filterwarnings("ignore:(invalid value|divide by zero) encountered:RuntimeWarning"),
]
LARGEST = ("LSTM", "GRU", "PeepholeLSTM", "GravesLSTM", "Everything")


@pytest.fixture(scope="module", autouse=True)
def _interpreted() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        interpret_kernels(patch)
        yield


@pytest.mark.parametrize("kind", CELLS)
def test_it_equals_the_plain_loop(kind: type[Cell]) -> None:
    """Ten sequences are a group and a part of one; units fill no tile, or all of it."""
    check(drawn(kind, 2, torch.float64), (2, 10, 4, 2), 1e-11)
    check(drawn(kind, 1, torch.float64, units=4), (1, 8, 5, 2), 1e-11, truncation=2)
    check(drawn(kind, 2, torch.float32, units=5), (2, 1, 7, 2), 2e-5)


@pytest.mark.parametrize(("units", "group"), [(1, 8), (26, 4), (33, 2)])
def test_larger_cells_compute_fewer_sequences_together(units: int, group: int) -> None:
    cell = drawn(LSTM, 1, torch.float32, units)
    assert CompiledCell(cell).passes("cpu", 5, torch.float32).layout.group == group
    check(cell, (1, 5, 4, 2), 2e-5)


def test_a_member_is_its_solo_run_to_the_bit() -> None:
    check_members(5, [[0], [4, 2]])


def test_without_gradients_batches_of_any_size_give_the_same() -> None:
    check_validation(torch.float64, seeds=2, time=5)


def test_sequences_of_all_lengths_are_read_at_their_true_last_step() -> None:
    check_lengths()


def test_the_text_of_kernels_is_kept_to_be_read(tmp_path: Path) -> None:
    cell = drawn(LSTM, 1, torch.float64, units=2)
    code_folder.use_code_folder(tmp_path)
    try:
        CompiledCell(cell).passes("cpu", 5, torch.float64)
    finally:
        code_folder.use_code_folder(None)
    (file,) = (tmp_path / "compiled").iterdir()
    assert file.suffix == ".py"
    assert file.read_text().count("@triton.jit") == 2


@pytest.fixture(scope="module")
def compiled_kernels(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, int]]:
    """What kernels of all cells need, compiled in a process of its own: in this one, Triton interprets."""
    wanted = [(cell, units, "several") for cell in LARGEST for units in ("8", "16")] + [
        ("RNN", "16", "several"),
        ("LSTM", "16", "one"),
        ("LSTM", "32", "several"),
    ]
    cache = {"TRITON_CACHE_DIR": str(tmp_path_factory.mktemp("triton"))}
    command = [sys.executable, "-m", "kernel_resources", *(word for words in wanted for word in words)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment() | cache, check=False)
    assert ended.returncode == 0, ended.stderr
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(rows) == 2 * 2 * len(wanted)
    return rows


def test_kernels_fit_registers(compiled_kernels: list[dict[str, int]]) -> None:
    """Nothing is spilt into memory, on GPUs of compute capability 8.0 and 9.0, which need not be there."""
    assert [row for row in compiled_kernels if row["spilled"]] == []
    assert max(row["registers"] for row in compiled_kernels) <= 255
