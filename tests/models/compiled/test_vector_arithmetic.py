"""The elementwise functions of machine code are as accurate as their numbers, also where results are small."""

from __future__ import annotations

import ctypes

import llvmlite.binding as llvm
import numpy as np
import pytest
from llvmlite import ir

from seqprobe.models.compiled.machine_code import function_at, linker, object_image
from seqprobe.models.compiled.vector_arithmetic import VectorKind, vector_kind
from seqprobe.models.compiled.vector_code import VectorCode

FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "exp": np.exp,
    "relu": lambda x: np.maximum(x, 0),
    "neg": np.negative,
}
SINGLE, DOUBLE = (np.float32, "float", 3e-7), (np.float64, "double", 8e-16)
RANGE = 30.0
MANY = 100
"""Seeds: more than the largest vector has lanes for."""


@pytest.fixture(scope="module")
def functions() -> dict[str, int]:
    """Machine code that applies a function to an array: address, address of the results, number of vectors."""
    module = ir.Module("functions")
    module.triple = llvm.get_process_triple()
    names = [f"{name}_{number}" for name in FUNCTIONS for _, number, _ in (SINGLE, DOUBLE)]
    for name in names:
        function, _, number = name.partition("_")
        code = VectorCode(module, name, vector_kind(number, MANY))
        source, target = code.pointer(code.argument(0)), code.pointer(code.argument(1))
        code.loop(
            code.argument(2),
            lambda index, code=code, function=function, source=source, target=target: code.store(
                getattr(code, function)(code.load(source, index)), target, index
            ),
        )
        code.builder.ret_void()
    library = llvm.JITLibraryBuilder().add_object_img(object_image(module)).add_current_process()
    for name in names:
        library.export_symbol(name)
    loaded = library.link(linker(), "functions of a test")
    return {name: loaded[name] for name in names} | {"loaded": loaded}


def apply(address: int, values: np.ndarray) -> np.ndarray:
    size, room = values.nbytes, np.zeros(2 * values.nbytes + 128, np.uint8)
    start = -room.ctypes.data % 64
    source = room[start : start + size].view(values.dtype)
    target = room[start + size : start + 2 * size].view(values.dtype)
    source[:] = values
    arguments = (ctypes.c_int64 * 3)(source.ctypes.data, target.ctypes.data, size // 64)
    function_at(address)(ctypes.addressof(arguments))
    return target.copy()


@pytest.mark.parametrize(
    ("number", "lanes"),
    [
        ("float", {1: 4, 4: 4, 5: 8, 8: 8, 9: 16, 16: 16, 17: 16, MANY: 16}),
        ("double", {1: 2, 2: 2, 3: 4, 4: 4, 5: 8, 8: 8, 9: 8, MANY: 8}),
    ],
)
def test_few_seeds_have_small_vectors(number: str, lanes: dict[int, int]) -> None:
    assert {seeds: vector_kind(number, seeds) for seeds in lanes} == {
        seeds: VectorKind(number, count) for seeds, count in lanes.items()
    }
    assert vector_kind(number, 1).bytes == 16
    assert vector_kind(number, MANY).bytes == 64


@pytest.mark.parametrize(("kind", "number", "tolerance"), [SINGLE, DOUBLE])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_are_accurate_relatively(functions, name, kind, number, tolerance) -> None:
    tiny = np.logspace(-30, 1, 512)
    values = np.concatenate([np.linspace(-RANGE, RANGE, 8192 - 1024), tiny, -tiny]).astype(kind)
    expected = FUNCTIONS[name](values.astype(np.longdouble))
    np.testing.assert_allclose(apply(functions[f"{name}_{number}"], values), expected, rtol=tolerance, atol=0)


@pytest.mark.parametrize(("kind", "number"), [SINGLE[:2], DOUBLE[:2]])
def test_nan_stays_and_infinity_has_its_limit(functions, kind, number) -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1e30, -1e30, 0, -0.0, 2] * 2, kind)
    for name, limits in {"tanh": [1, -1, 1, -1], "sigmoid": [1, 0, 1, 0], "relu": [np.inf, 0, 1e30, 0]}.items():
        results = apply(functions[f"{name}_{number}"], values)
        assert np.isnan(results[[0, 8]]).all()
        np.testing.assert_allclose(results[1:5], limits, rtol=1e-6, atol=1e-37)
