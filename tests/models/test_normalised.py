"""Normalised networks take and give units; members of a population have scales of their own."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from seqprobe.batch import Batch
from seqprobe.models.cells.gru import GRU
from seqprobe.models.engines import build_population
from seqprobe.models.normalised import Normalised
from seqprobe.models.plain_network import plain_network
from seqprobe.models.recurrent import RecurrentNetwork
from seqprobe.scaling import Scaling

SEEDS = [3, 4, 5]
SCALINGS = [
    Scaling(*(torch.tensor(values, dtype=torch.float64) for values in ([k, 2 * k], [1, k], [10 * k], [k])))
    for k in (1.0, 2.0, 3.0)
]


def network(kind: str = "seq2seq") -> Normalised:
    return Normalised(RecurrentNetwork(2, 1, kind, 4, cell=GRU, hidden_size=3), 2, 1)


def batch() -> Batch:
    source = torch.Generator().manual_seed(0)
    inputs = torch.randn(5, 4, 2, generator=source, dtype=torch.float64)
    lengths = torch.tensor([4, 1, 3, 4, 2])
    return Batch(inputs, torch.randn(5, 4, 1, generator=source, dtype=torch.float64), lengths)


def test_inputs_are_normalised_and_outputs_get_their_units() -> None:
    made = network().double()
    made.reset_parameters(torch.Generator().manual_seed(1))
    made.set_scaling(SCALINGS[1])
    data = batch()
    inside = (data.inputs - torch.tensor([2, 4])) / torch.tensor([1, 2])
    expected = (made.network(inside, data.lengths) * 2 + 20).masked_fill(~data.mask.unsqueeze(-1), 0)
    outputs = made(data.inputs, data.lengths)
    assert torch.allclose(outputs, expected, atol=1e-12)
    assert torch.equal(made(data.pad(7).inputs, data.lengths)[:, :4], outputs)
    assert made.supports_stacking
    assert made.trace(data.inputs, data.lengths).keys() == made.network.trace(inside, data.lengths).keys()
    assert not hasattr(Normalised(torch.nn.Linear(1, 1), 1, 1), "trace")


@pytest.mark.parametrize("at_once", [None, 2])
def test_engines_agree_and_a_lone_member_equals_one_among_others(at_once: int | None) -> None:
    data = batch()
    stacked, looped = (
        build_population(network, SEEDS, engine, at_once, SCALINGS).double() for engine in ("stacked", "looped")
    )
    together = data.repeat(3)
    outputs = stacked.predict(together)
    assert torch.allclose(outputs, looped.predict(together), atol=1e-12)
    lone = build_population(network, SEEDS[1:2], "stacked", None, SCALINGS[1:2]).double()
    assert torch.allclose(lone.predict(data.repeat(1))[0], outputs[1], atol=1e-12)

    def loss(values: torch.Tensor, seen: Batch) -> torch.Tensor:
        return (values - seen.targets).square().mean((1, 2, 3))

    losses = [population.backward(loss, together) for population in (stacked, looped)]
    assert torch.allclose(*losses, atol=1e-12)
    assert torch.allclose(loss(*stacked.without_units(outputs, together)), losses[0], atol=1e-12)
    first = (outputs[0] - 10).sub(data.targets - 10).square().mean()
    assert losses[0][0].item() == pytest.approx(first.item())
    norms = [population.state_gradient_norms(together, loss) for population in (stacked, looped)]
    assert torch.allclose(*norms, atol=1e-12)


def test_scales_are_saved_with_each_member_and_restored() -> None:
    population = build_population(network, SEEDS, "stacked", None, SCALINGS).double()
    assert [population.untrained_values(member)["output_mean"].tolist() for member in range(3)] == [[10], [20], [30]]
    other = build_population(network, [7, 8, 9], "stacked", 2).double()
    other.take_over([population], [2, 0, 1])
    data = batch().repeat(3)
    assert torch.allclose(other.predict(data), population.predict(data)[[2, 0, 1]], atol=1e-12)
    single = network().double()
    single.load_state_dict(population.state(1, population.weights[1].detach()))
    assert torch.allclose(single(data.inputs[0], data.lengths[0]), population.predict(data)[1], atol=1e-12)


def test_one_target_per_sequence_gets_its_unit_once() -> None:
    made = partial(network, "seq2vec")()
    made.set_scaling(SCALINGS[0])
    data = batch().to("cpu", torch.float32)
    assert made(data.inputs, data.lengths).shape == (5, 1)


def test_a_plain_network_has_the_same_units() -> None:
    made = network().double()
    made.reset_parameters(torch.Generator().manual_seed(1))
    made.set_scaling(SCALINGS[2])
    data, plain = batch(), plain_network(made)
    assert torch.allclose(plain(data.inputs, data.lengths), made(data.inputs, data.lengths), atol=1e-12)
    assert isinstance(plain.network.layers[0], torch.nn.GRU)
    assert plain(data.inputs).shape == (5, 4, 1)
