import math
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqprobe.batch import Batch, last_step
from seqprobe.models import LoopedPopulation, RecurrentNetwork, StackedPopulation
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.engines import build_population
from seqprobe.models.member import build_member
from seqprobe.models.population import Population

CELLS = [RNN, ReLURNN, LSTM, GravesLSTM, PeepholeLSTM, GRU]
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


def trained_numbers(population: Population) -> int:
    """How many numbers of one member are trained."""
    return sum(shape.numel() for shape in population.layout.values())


def factory(cell: Any, hidden_size: int = 4, **settings: Any) -> partial[RecurrentNetwork]:
    return partial(RecurrentNetwork, 2, 3, "seq2vec", 6, cell, hidden_size=hidden_size, **settings)


class Foreign(nn.Module):
    """A user's network: torch.nn layers, initialised from torch's global generator."""

    def __init__(self) -> None:
        super().__init__()
        self.gru, self.dense = nn.GRU(2, 5, batch_first=True), nn.Linear(5, 3)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return self.dense(last_step(self.gru(inputs)[0], lengths))


def flat(network: nn.Module) -> list[float]:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()]).tolist()


@pytest.mark.parametrize("build", [factory(LSTM), Foreign])
def test_a_members_weights_depend_on_its_seed_alone(build: Any) -> None:
    torch.manual_seed(1)
    first = [flat(build_member(build, seed)) for seed in (0, 3, 7)]
    torch.manual_seed(2)
    state = torch.random.get_rng_state()
    again = [flat(build_member(build, seed)) for seed in (7, 3, 0)]
    assert again[::-1] == first
    assert len({tuple(weights) for weights in first}) == 3
    assert torch.equal(torch.random.get_rng_state(), state)


@each_engine
@pytest.mark.parametrize("cell", CELLS)
def test_row_s_holds_the_weights_of_seed_s(cell: Any, engine: str) -> None:
    population = build_population(factory(cell, num_layers=2), [0, 3, 7], engine)
    for row, seed in zip(population.weights, [0, 3, 7], strict=True):
        alone = flat(build_member(factory(cell, num_layers=2), seed))
        packed = torch.cat([view.flatten() for view in population.named_views(row).values()])
        assert packed.tolist() == alone
        assert trained_numbers(population) == len(alone)


@each_engine
@pytest.mark.parametrize("cell", CELLS)
def test_every_parameter_of_every_member_starts_at_an_aligned_address(cell: Any, engine: str) -> None:
    population = build_population(factory(cell, num_layers=2), [0, 3, 7], engine)
    for row in population.weights.detach():
        for view in population.named_views(row).values():
            assert view.storage_offset() % 16 == 0


@pytest.mark.parametrize(
    ("build", "engine"),
    [*((factory(cell), engine) for cell in CELLS for engine in ("stacked", "looped")), (Foreign, "looped")],
)
def test_outputs_and_gradients_are_the_members_own(build: Any, engine: str) -> None:
    population = build_population(build, [0, 3, 7], engine).double()
    inputs = torch.randn(3, 4, 6, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    lengths = torch.tensor([[6, 1, 3, 2]] * 3)
    outputs = population(inputs, lengths)
    population.backward(lambda outputs, own: outputs.square().flatten(1).sum(1), Batch(inputs, inputs, lengths))
    gradient = population.weights.grad
    for i, seed in enumerate([0, 3, 7]):
        member = build_member(build, seed).double()
        expected = member(inputs[i], lengths[i])
        expected.square().sum().backward()
        torch.testing.assert_close(outputs[i], expected, rtol=0, atol=1e-12)
        wanted = torch.cat([parameter.grad.flatten() for parameter in member.parameters()])
        found = torch.cat([view.flatten() for view in population.named_views(gradient[i]).values()])
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


@each_engine
def test_the_networks_read_the_population_weights_even_after_a_cast(engine: str) -> None:
    population = build_population(factory(LSTM), [0, 1], engine)
    for cast in (population, population.double(), population.float()):
        with torch.no_grad():
            cast.weights.zero_()
            cast.named_views(cast.weights)["readout.bias"][1] = 2.5
        outputs = cast(torch.ones(2, 1, 6, 2, dtype=cast.weights.dtype), torch.tensor([[6], [6]]))
        assert outputs.tolist() == [[[0, 0, 0]], [[2.5, 2.5, 2.5]]]


def test_what_was_not_written_for_it_cannot_be_stacked() -> None:
    with pytest.raises(TypeError, match="Foreign cannot be stacked"):
        StackedPopulation([Foreign()])
    assert len(LoopedPopulation([Foreign()])) == 1


def test_a_frozen_parameter_is_no_weight() -> None:
    def frozen() -> nn.Module:
        network = Foreign()
        network.dense.requires_grad_(False)
        return network

    trained = sum(parameter.numel() for parameter in Foreign().gru.parameters())
    population = build_population(frozen, [0, 1], "looped")
    assert trained_numbers(population) == trained
    batch = Batch(torch.ones(2, 1, 6, 2), torch.ones(2, 1, 3), torch.tensor([[6], [6]]))
    assert population.backward(lambda outputs, own: outputs.flatten(1).sum(1), batch).shape == (2,)
    assert population.weights.grad.shape == population.weights.shape
    state = population.state(1, population.weights[1])
    assert set(state) == set(frozen().state_dict())


@pytest.mark.parametrize("cell", CELLS)
def test_keras_starts_as_keras_does(cell: Any) -> None:
    network = build_member(factory(cell, 16, init="keras"), 5)
    layer = network.layers[0]
    gram = layer.recurrent_weight.mT @ layer.recurrent_weight
    torch.testing.assert_close(gram, torch.eye(16), rtol=0, atol=1e-5)
    glorot = math.sqrt(6 / (2 + len(layer.gates) * 16))
    assert 0.8 * glorot < layer.input_weight.abs().max() <= glorot
    assert 0.8 * math.sqrt(6 / 19) < network.readout.weight.abs().max() <= math.sqrt(6 / 19)
    bias = {gate: block.tolist() for gate, block in zip(layer.gates, layer.bias.split(16), strict=True)}
    assert bias == {gate: [float(gate == "forget_gate")] * 16 for gate in layer.gates}
    assert network.readout.bias.tolist() == [0, 0, 0]
    for name, parameter in layer.named_parameters():
        if parameter.dim() == 1 and name != "bias":
            assert parameter.abs().max() == 0, name


@pytest.mark.parametrize("cell", CELLS)
def test_identity_starts_every_gate_with_the_identity(cell: Any) -> None:
    one, other = (build_member(factory(cell, 16, num_layers=2, init="identity"), seed) for seed in (5, 6))
    for depth, layer in enumerate(one.layers):
        maps = [("recurrent_weight", len(layer.gates)), *([("peephole_weight", 3)] if cell is GravesLSTM else [])]
        for name, count in maps:
            assert torch.equal(getattr(layer, name), torch.cat([torch.eye(16)] * count))
        glorot = math.sqrt(6 / ((16 if depth else 2) + len(layer.gates) * 16))
        assert 0.8 * glorot < layer.input_weight.abs().max() <= glorot
        assert (layer.input_weight != other.layers[depth].input_weight).all()
    assert 0.8 * math.sqrt(6 / 19) < one.readout.weight.abs().max() <= math.sqrt(6 / 19)
    for name, parameter in one.named_parameters():
        if parameter.dim() == 1:
            assert parameter.abs().max() == 0, name


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("settings", "bound"), [({}, 0.25), ({"init": "uniform", "init_scale": 0.03}, 0.03)])
def test_torch_and_uniform_stay_in_their_bounds(cell: Any, settings: dict[str, Any], bound: float) -> None:
    network = build_member(factory(cell, 16, num_layers=2, **settings), 5)
    for name, parameter in network.named_parameters():
        assert parameter.abs().max() <= bound, name
        assert parameter.abs().max() > 0.5 * bound, name
        assert parameter.unique().numel() == parameter.numel(), name


@pytest.mark.parametrize("cell", [LSTM, GravesLSTM, PeepholeLSTM])
@pytest.mark.parametrize("init", ["torch", "keras", "identity", "uniform"])
def test_forget_bias_overrides_the_init(init: str, cell: Any) -> None:
    plain, given = (build_member(factory(cell, init=init, forget_bias=bias), 5) for bias in (None, 3.0))
    assert given.layers[0].bias[4:8].tolist() == [3.0] * 4
    assert plain.layers[0].bias[4:8].tolist() != [3.0] * 4
    for (name, one), other in zip(plain.named_parameters(), given.parameters(), strict=True):
        differ = int((one != other).sum())
        assert differ == (4 if name == "layers.0.bias" else 0), name


@pytest.mark.parametrize(
    ("cell", "hidden_size", "count"),
    [(GravesLSTM, 16, 2049), (GravesLSTM, 9, 712), (RNN, 26, 755), (RNN, 44, 2069), (PeepholeLSTM, 16, 1217)],
)
@each_engine
def test_networks_of_one_input_and_output_have_the_sizes_they_are_compared_by(
    cell: Any, hidden_size: int, count: int, engine: str
) -> None:
    build = partial(RecurrentNetwork, 1, 1, "seq2vec", 3, cell, hidden_size=hidden_size)
    assert trained_numbers(build_population(build, [0, 1], engine)) == count
