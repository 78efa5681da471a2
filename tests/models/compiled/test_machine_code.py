"""Machine code is kept on disk; a file that is damaged, missing or being written by others only costs time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from seqprobe.models.cells.rnn import RNN
from seqprobe.models.compiled import machine_code
from seqprobe.models.compiled.code_folder import use_code_folder
from seqprobe.models.compiled.compiled_cell import CompiledCell
from seqprobe.models.compiled.memory_layout import MemoryLayout
from seqprobe.models.compiled.vector_arithmetic import VectorKind

FLOATS = VectorKind("float", 16)


@pytest.fixture(scope="module")
def layout() -> MemoryLayout:
    cell = RNN(1, 2)
    for parameter in cell.parameters():
        parameter.data = torch.zeros(1, *parameter.shape)
    return MemoryLayout(CompiledCell(cell).plan, 1, 2, 1)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A mark for every time that something is compiled, which is done only once for all tests."""
    made = list[int]()
    image = compiled_once.setdefault("image", b"")

    def compile_image(layout: MemoryLayout, kind: VectorKind) -> bytes:
        made.append(1)
        compiled_once["image"] = compiled_once["image"] or original(layout, kind)
        return compiled_once["image"]

    original = machine_code.compile_image
    monkeypatch.setattr(machine_code, "compile_image", compile_image)
    assert image is not None
    return made


compiled_once: dict[str, bytes] = {}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    use_code_folder(tmp_path)
    yield tmp_path / "compiled"
    use_code_folder(None)


def image(layout: MemoryLayout) -> bytes:
    return machine_code.known_image(machine_code.code_key(layout, FLOATS), layout, FLOATS)


def test_it_is_compiled_once(layout: MemoryLayout, compiled: list[int], folder: Path) -> None:
    first = image(layout)
    (file,) = folder.iterdir()
    assert file.name == f"{machine_code.code_key(layout, FLOATS)}.o"
    assert image(layout) == first
    assert len(compiled) == 1


@pytest.mark.parametrize("kept", [0, 10, 40, 2000])
def test_a_damaged_file_is_compiled_again(layout: MemoryLayout, compiled: list[int], folder: Path, kept: int) -> None:
    first = image(layout)
    (file,) = folder.iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:kept])
    assert image(layout) == first
    file.write_bytes(content[:kept] + bytes([content[kept] ^ 1]) + content[kept + 1 :])
    assert image(layout) == first
    assert len(compiled) == 3
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_no_error(layout: MemoryLayout, compiled: list[int], tmp_path: Path) -> None:
    (tmp_path / "compiled").write_text("no folder")
    use_code_folder(tmp_path)
    try:
        assert image(layout) == image(layout)
    finally:
        use_code_folder(None)
    assert len(compiled) == 2


def test_several_at_once_leave_one_whole_file(layout: MemoryLayout, compiled: list[int], folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        images = set(pool.map(lambda _: image(layout), range(8)))
    assert len(images) == 1
    assert [file.suffix for file in folder.iterdir()] == [".o"]
    count = len(compiled)
    image(layout)
    assert len(compiled) == count


def test_other_equations_sizes_numbers_and_lanes_have_other_code(layout: MemoryLayout) -> None:
    other = MemoryLayout(layout.plan, 1, 3, 1)
    kinds = FLOATS, VectorKind("double", 16), VectorKind("float", 4)
    keys = {machine_code.code_key(layout, kind) for kind in kinds} | {machine_code.code_key(other, FLOATS)}
    assert len(keys) == 4
    assert machine_code.code_key(layout, FLOATS) in keys
