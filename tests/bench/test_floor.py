"""The arithmetic floor is what a calculation by hand gives."""

from __future__ import annotations

import math

import pytest

from seqprobe.bench.floor import Rates, floor_milliseconds, least_seconds, rates
from seqprobe.bench.shapes import Shape
from seqprobe.models.cells.cell import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN

REACHED = Rates(multiply_adds=1000.0, sigmoids=100.0)


@pytest.mark.parametrize(
    ("cell", "multiplications", "nonlinear"),
    [
        # One input and three units: blocks of 3 · 1 input weights and 3 · 3 recurrent ones.
        (RNN(1, 3), 12, 3),
        (LSTM(1, 3), 4 * 12, 4 * 3 + 3),
        (GRU(1, 3), 3 * 12, 3 * 3),
        (LSTM(2, 3), 4 * (6 + 9), 4 * 3 + 3),
    ],
    ids=["rnn", "lstm", "gru", "lstm of two inputs"],
)
def test_by_hand(cell: Cell, multiplications: int, nonlinear: int) -> None:
    steps = 2 * 5
    seconds = steps * (3 * multiplications / 1000 + nonlinear / 100)
    assert floor_milliseconds(cell, Shape("any", 2, 5, 3), REACHED) == pytest.approx(1000 * seconds, rel=1e-12)


def test_an_lstm_in_numbers() -> None:
    assert floor_milliseconds(LSTM(1, 3), Shape("lstm", 2, 5, 3), REACHED) == pytest.approx(2940.0)


@pytest.mark.parametrize(
    ("faster", "expected"),
    [(Rates(2000.0, 100.0), 720 + 1500), (Rates(1000.0, 200.0), 1440 + 750), (Rates(math.inf, 100.0), 1500)],
)
def test_each_rate_counts_for_its_own_part(faster: Rates, expected: float) -> None:
    assert floor_milliseconds(LSTM(1, 3), Shape("lstm", 2, 5, 3), faster) == pytest.approx(expected)


def test_rates_are_finite_and_more_than_nothing() -> None:
    reached = rates()
    assert 0 < reached.multiply_adds < math.inf
    assert 0 < reached.sigmoids < math.inf


def test_the_fastest_of_all_calls_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 5.0, 10.0, 12.0, 20.0, 29.0])
    monkeypatch.setattr("seqprobe.bench.floor.time.perf_counter", lambda: next(times))
    calls: list[int] = []
    assert least_seconds(lambda: calls.append(1), trials=3) == 2.0
    assert len(calls) == 3
