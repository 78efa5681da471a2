"""The engine compiled on a GPU: what its kernels compute there, and what they cost; `make test-gpu` prints it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from compiled_checks import CELLS, check, check_lengths, check_members, check_validation, drawn

from seqprobe.batch import Batch
from seqprobe.learning.devices import full_float32
from seqprobe.models import Cell, RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.compiled.obstacle import device_obstacle
from seqprobe.models.engines import build_population

GPU = "cuda"
OBSTACLE = device_obstacle(LSTM(1, 1), GPU) if torch.cuda.is_available() else "no GPU that CUDA finds"
pytestmark = [pytest.mark.gpu, pytest.mark.skipif(bool(OBSTACLE), reason=f"this machine has {OBSTACLE}")]


@pytest.mark.parametrize("kind", CELLS)
def test_it_equals_the_plain_loop(kind: type[Cell]) -> None:
    with full_float32():
        check(drawn(kind, 9, torch.float64, device=GPU), (9, 10, 19, 2), 1e-10)
        check(drawn(kind, 1, torch.float64, units=4, device=GPU), (1, 8, 5, 2), 1e-10, truncation=2)
        for units in (1, 8, 16, 26, 33, 64):
            check(drawn(kind, 3, torch.float32, units, GPU), (3, 5, 9, 2), 2e-5)
            check(drawn(kind, 3, torch.float32, units, GPU), (3, 1, 9, 2), 2e-5)


@pytest.mark.parametrize("units", [3, 16, 32])
def test_a_member_is_its_solo_run_to_the_bit(units: int) -> None:
    check_members(1000, [[0], [999], [4, 16], [5, 2, 9, 11, 0], [*range(100, 200)]], GPU, units)


def test_without_gradients_batches_of_any_size_give_the_same() -> None:
    check_validation(torch.float64, GPU)
    check_validation(torch.float32, GPU)


def test_sequences_of_all_lengths_are_read_at_their_true_last_step() -> None:
    check_lengths(GPU, "trainer.accelerator=gpu")


def update(seeds: int, engine: str, batch: int, steps: int, units: int) -> Callable[[], Any]:
    """One forward and backward pass of a population of LSTMs over one batch."""
    network = partial(RecurrentNetwork, 1, 1, "seq2seq", steps, LSTM, hidden_size=units)
    population = build_population(network, range(seeds), engine).to(GPU)
    inputs = torch.randn(seeds, batch, steps, 1, device=GPU)
    data = Batch(inputs, inputs.clone(), torch.full((seeds, batch), steps, device=GPU))
    return lambda: population.backward(lambda outputs, batch: (outputs - batch.targets).square().mean((1, 2, 3)), data)


def in_a_graph(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same work as one CUDA graph, which starts all its operations at once."""
    stream, graph = torch.cuda.Stream(), torch.cuda.CUDAGraph()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def seconds(work: Callable[[], Any]) -> float:
    """The least seconds of three turns after one to warm up."""
    taken = []
    for _ in range(4):
        torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        taken.append(time.perf_counter() - start)
    return min(taken[1:])


@pytest.mark.parametrize("shape", [(1, 100, 8), (16, 100, 8), (32, 3, 16)], ids="B{0[0]} T{0[1]} H{0[2]}".format)
@pytest.mark.parametrize("seeds", [1, 256, 4096, 16384])
def test_what_an_update_costs(seeds: int, shape: tuple[int, int, int]) -> None:
    """Milliseconds per seed and update, forward and backward pass alone, beside the engine stacked."""
    costs = {}
    for engine in ("compiled", "stacked"):
        work = update(seeds, engine, *shape)
        costs[engine] = seconds(work)
        try:
            costs[f"{engine} in a CUDA graph"] = seconds(in_a_graph(work))
        except RuntimeError as problem:
            print(f"\n{engine} cannot be a CUDA graph: {problem}")
    words = ", ".join(f"{name} {1e3 * taken / seeds:.5f} ms" for name, taken in costs.items())
    print(f"\nlstm B{shape[0]} T{shape[1]} H{shape[2]}, {seeds} seeds: {words} per seed and update")
    assert all(taken > 0 for taken in costs.values())
