"""Gradients through a whole network that are written out are equal to autograd's, to the bit."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from compiled_checks import Everything
from torch import nn

from seqprobe.batch import Batch
from seqprobe.learning.losses import LOSSES, ElementLosses, MemberLosses
from seqprobe.learning.training_loss import ElementLoss, Quantile
from seqprobe.models import RecurrentNetwork
from seqprobe.models.bidirectional import BidirectionalNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.compiled import network_gradients
from seqprobe.models.engines import StackedPopulation, build_population
from seqprobe.models.normalised import Normalised
from seqprobe.models.population import Population
from seqprobe.scaling import Scaling

SEEDS, BATCH, TIME, FEATURES, OUTPUTS = 5, 3, 6, 3, 3


class Unused(RNN):
    """A cell with a weight that it never uses."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.unused = nn.Parameter(torch.ones(3))


def built(seeds: int, at_once: int | None = None, cell: Any = LSTM, kind: str = "seq2seq", **settings: Any) -> Any:
    """A compiled population in double precision, with weights that are drawn for all parameters."""
    make = partial(RecurrentNetwork, FEATURES, OUTPUTS, kind, TIME, cell, hidden_size=3, **settings)
    population, random = build_population(make, range(seeds), "compiled", at_once).double(), torch.Generator()
    for view in population.named_views(population.weights.detach()).values():
        view.copy_(torch.randn(view.shape, generator=random, dtype=view.dtype) / 2)
    return population


def drawn(seeds: int, kind: str = "seq2seq", loss: str = "mse", is_padded: bool = True) -> Batch:
    """Sequences with numbers as targets, or classes."""
    random = torch.Generator().manual_seed(4)
    inputs = torch.randn(seeds, BATCH, TIME, FEATURES, generator=random, dtype=torch.float64)
    lengths = torch.tensor([TIME, 2, 4] if is_padded else [TIME] * BATCH).expand(seeds, BATCH)
    places = (seeds, BATCH, TIME) if kind == "seq2seq" else (seeds, BATCH)
    if loss == "cross_entropy":
        return Batch(inputs, torch.randint(OUTPUTS, places, generator=random), lengths)
    return Batch(inputs, torch.randn(*places, OUTPUTS, generator=random, dtype=torch.float64), lengths)


def losses_of(elements: ElementLosses, kind: str = "seq2seq") -> MemberLosses:
    return MemberLosses(elements, lambda batch: batch.mask.unsqueeze(-1) if kind == "seq2seq" else None)


def assert_equals_autograd(
    population: Population, losses: MemberLosses, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compare with the network's own forward pass and autograd."""
    found = population.backward(losses, batch)
    assert population.weights.grad is not None
    gradient = population.weights.grad.clone()
    assert gradient.count_nonzero() > len(population)
    with monkeypatch.context() as patched:
        patched.setattr(type(population), "backward_part", StackedPopulation.backward_part)
        expected = population.backward(losses, batch)
    assert torch.equal(found, expected)
    assert torch.equal(gradient, population.weights.grad)


@pytest.mark.parametrize("cell", [LSTM, GRU, PeepholeLSTM, GravesLSTM, Everything, Unused])
@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
def test_every_cell(cell: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    population = built(SEEDS, cell=cell, kind=kind)
    for loss, elements in LOSSES.items():
        assert_equals_autograd(population, losses_of(elements, kind), drawn(SEEDS, kind, loss), monkeypatch)


@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
@pytest.mark.parametrize(
    "settings", [{"num_layers": 2}, {"num_layers": 1, "readout": "recurrent"}, {"truncation": 2}], ids=str
)
def test_layers_and_readouts(settings: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    population = built(SEEDS, cell=GRU, kind=kind, **settings)
    assert_equals_autograd(population, losses_of(LOSSES["mse"], kind), drawn(SEEDS, kind), monkeypatch)


@pytest.mark.parametrize(("seeds", "at_once"), [(1, None), (SEEDS, 2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_lone_member_and_parts_of_several(
    seeds: int, at_once: int | None, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    for is_padded in (True, False):
        for kind in ("seq2seq", "seq2vec"):
            population = built(seeds, at_once, kind=kind).to(dtype)
            batch = drawn(seeds, kind, is_padded=is_padded).to("cpu", dtype)
            assert_equals_autograd(population, losses_of(LOSSES["mse"], kind), batch, monkeypatch)
    unmasked = MemberLosses(LOSSES["cross_entropy"], lambda _: None)
    batch = drawn(seeds, loss="cross_entropy", is_padded=False).to("cpu", dtype)
    assert_equals_autograd(built(seeds, at_once).to(dtype), unmasked, batch, monkeypatch)


def test_a_chosen_loss_and_a_normalised_network(monkeypatch: pytest.MonkeyPatch) -> None:
    quantile = losses_of(ElementLoss(Quantile(0.8)))
    assert_equals_autograd(built(SEEDS), quantile, drawn(SEEDS), monkeypatch)
    network = partial(RecurrentNetwork, FEATURES, OUTPUTS, "seq2seq", TIME, LSTM, hidden_size=3)
    for seeds, at_once in ((1, None), (SEEDS, 2)):
        scalings = [
            Scaling(*torch.rand(4, OUTPUTS, generator=torch.Generator().manual_seed(s)) + 1) for s in range(seeds)
        ]
        population = build_population(
            lambda: Normalised(network(), FEATURES, OUTPUTS), range(seeds), "compiled", at_once, scalings
        )
        for losses in (quantile, losses_of(LOSSES["mse"])):
            assert_equals_autograd(population.double(), losses, drawn(seeds), monkeypatch)


def test_what_is_not_written_out_is_left_to_autograd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dropout, a second direction, and a forward pass of a user's own."""

    class Own(RecurrentNetwork):
        pass

    def fail(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(network_gradients, "network_gradients", fail)
    loss = losses_of(LOSSES["mse"])
    sizes = (FEATURES, OUTPUTS, "seq2seq", TIME, LSTM)
    for make in (partial(RecurrentNetwork, *sizes, dropout=0.5), partial(BidirectionalNetwork, *sizes)):
        population = build_population(partial(make, hidden_size=3), range(2), "compiled").double()
        assert population.backward(loss, drawn(2)).isfinite().all()
    population = build_population(partial(Own, *sizes, hidden_size=3), range(2), "compiled").double()
    assert population.backward(loss, drawn(2)).isfinite().all()
    with pytest.raises(AssertionError):
        built(2).backward(loss, drawn(2))
