"""The trace names every gate, candidate and state; it obeys the cell's equations and agrees with forward."""

from typing import Any

import pytest
import torch
from torch import Tensor

from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.engines import build_population

LSTM_NAMES = {"input_gate", "forget_gate", "candidate", "output_gate", "cell", "hidden"}
NAMES = {
    RNN: {"hidden"},
    ReLURNN: {"hidden"},
    LSTM: LSTM_NAMES,
    GravesLSTM: LSTM_NAMES,
    PeepholeLSTM: LSTM_NAMES,
    GRU: {"reset_gate", "update_gate", "candidate", "hidden"},
}
LENGTHS = torch.tensor([[5, 8, 1], [2, 3, 8]])
INPUTS = torch.randn(2, 3, 8, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
PADDING = torch.arange(8) >= LENGTHS.unsqueeze(-1)
each_cell = pytest.mark.parametrize("cell", NAMES)
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


def population(engine: str, cell: type, **settings: Any) -> Any:
    def network() -> RecurrentNetwork:
        return RecurrentNetwork(2, 3, "seq2seq", 8, cell, hidden_size=4, num_layers=2, **settings)

    return build_population(network, [4, 0], engine).double()


def before(states: Tensor) -> Tensor:
    """The state after the step before, zero at first."""
    return torch.cat([torch.zeros_like(states[..., :1, :]), states[..., :-1, :]], -2)


@each_engine
@each_cell
def test_trace_names_everything_and_is_zero_in_the_padding(cell: type, engine: str) -> None:
    traced = population(engine, cell).trace(INPUTS, LENGTHS)
    assert set(traced) == {f"{depth}.{name}" for depth in range(2) for name in NAMES[cell]}
    for values in traced.values():
        assert values.shape == (2, 3, 8, 4)
        assert values[PADDING].abs().max() == 0
        if cell is not ReLURNN:  # whose units may rest at 0
            assert values[~PADDING].abs().min() > 0


@pytest.mark.parametrize("readout", ["linear", "recurrent"])
@each_engine
@each_cell
def test_trace_agrees_with_forward(cell: type, engine: str, readout: str) -> None:
    members = population(engine, cell, readout=readout)
    traced, outputs = members.trace(INPUTS, LENGTHS), members(INPUTS, LENGTHS)
    if readout == "recurrent":
        expected = traced["2.hidden"]
    else:
        weights = members.named_views(members.weights)
        expected = traced["1.hidden"] @ weights["readout.weight"].mT.unsqueeze(1)
        expected = (expected + weights["readout.bias"][:, None, None]).masked_fill(PADDING.unsqueeze(-1), 0)
    torch.testing.assert_close(outputs, expected, rtol=0, atol=1e-12)


@each_engine
@each_cell
def test_trace_obeys_the_cells_equations(cell: type, engine: str) -> None:
    members = population(engine, cell)
    traced = members.trace(INPUTS, torch.full((2, 3), 8))
    weights = members.named_views(members.weights.detach())
    for depth, inputs in enumerate((INPUTS, traced["0.hidden"])):
        at = {name: traced[f"{depth}.{name}"] for name in NAMES[cell]}
        own = {name.split(".")[-1]: w for name, w in weights.items() if name.startswith(f"layers.{depth}.")}
        hidden = before(at["hidden"])
        fed = torch.einsum("sgi,sbti->sbtg", own["input_weight"], inputs) + own["bias"][:, None, None]
        fed_back = torch.einsum("sgh,sbth->sbtg", own["recurrent_weight"], hidden)
        expected = EQUATIONS[cell](fed, fed_back, hidden, at, own)
        assert set(expected) == NAMES[cell]
        for name, values in expected.items():
            torch.testing.assert_close(at[name], values, rtol=0, atol=1e-12, msg=f"{depth}.{name}")


def rnn(fed: Tensor, fed_back: Tensor, hidden: Tensor, at: dict[str, Tensor], own: Any) -> dict[str, Tensor]:
    return {"hidden": torch.tanh(fed + fed_back)}


def relu_rnn(fed: Tensor, fed_back: Tensor, hidden: Tensor, at: dict[str, Tensor], own: Any) -> dict[str, Tensor]:
    return {"hidden": torch.clamp(fed + fed_back, min=0)}


def lstm(fed: Tensor, fed_back: Tensor, hidden: Tensor, at: dict[str, Tensor], own: Any) -> dict[str, Tensor]:
    i, f, g, o = (fed + fed_back).split(4, -1)
    return {
        "input_gate": torch.sigmoid(i),
        "forget_gate": torch.sigmoid(f),
        "candidate": torch.tanh(g),
        "output_gate": torch.sigmoid(o),
        "hidden": at["output_gate"] * torch.tanh(at["cell"]),
        "cell": at["forget_gate"] * before(at["cell"]) + at["input_gate"] * at["candidate"],
    }


def graves(fed: Tensor, fed_back: Tensor, hidden: Tensor, at: dict[str, Tensor], own: Any) -> dict[str, Tensor]:
    seen = torch.cat([before(at["cell"]), before(at["cell"]), at["cell"]], -1).unflatten(-1, (3, 4))
    maps = own["peephole_weight"].unflatten(1, (3, 4))
    i, f, o = torch.einsum("sgoh,sbtgh->gsbto", maps, seen) + own["peephole_bias"].view(2, 3, 1, 1, 4).movedim(1, 0)
    candidate = torch.zeros_like(i)
    return lstm(
        fed + own["recurrent_bias"][:, None, None], torch.cat([i, f, candidate, o], -1) + fed_back, hidden, at, own
    )


def peephole(fed: Tensor, fed_back: Tensor, hidden: Tensor, at: dict[str, Tensor], own: Any) -> dict[str, Tensor]:
    i, f, o = own["peepholes"].view(2, 3, 1, 1, 4).movedim(1, 0)
    cell = before(at["cell"])
    seen = torch.cat([i * cell, f * cell, torch.zeros_like(cell), o * at["cell"]], -1)
    return lstm(fed, fed_back + seen, hidden, at, own)


def gru(fed: Tensor, fed_back: Tensor, hidden: Tensor, at: dict[str, Tensor], own: Any) -> dict[str, Tensor]:
    (r, z, n), (back_r, back_z, back_n) = fed.split(4, -1), fed_back.split(4, -1)
    return {
        "reset_gate": torch.sigmoid(r + back_r),
        "update_gate": torch.sigmoid(z + back_z),
        "candidate": torch.tanh(n + at["reset_gate"] * (back_n + own["candidate_bias"][:, None, None])),
        "hidden": (1 - at["update_gate"]) * at["candidate"] + at["update_gate"] * hidden,
    }


EQUATIONS = {
    RNN: rnn,
    ReLURNN: relu_rnn,
    LSTM: lstm,
    GravesLSTM: graves,
    PeepholeLSTM: peephole,
    GRU: gru,
}
