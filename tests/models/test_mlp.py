"""The perceptron, alone and as a population, against torch.nn's layers; it sees no padding and no more than it can."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.models.engines import build_population
from seqprobe.models.member import build_member
from seqprobe.models.mlp import MLP
from seqprobe.models.population import Population

TORCH = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
SEEDS, LENGTHS = [4, 0, 7], torch.tensor([[5, 6, 1], [2, 3, 6], [6, 6, 6]])
INPUTS = torch.randn(3, 3, 6, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
PADDING = (torch.arange(6) >= LENGTHS.unsqueeze(-1)).unsqueeze(-1)
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])
each_size = pytest.mark.parametrize("hidden_sizes", [[], [5], [7, 4]], ids=str)


def trained_numbers(population: Population) -> int:
    """How many numbers of one member are trained."""
    return sum(shape.numel() for shape in population.layout.values())


def factory(**settings: Any) -> partial[MLP]:
    """For six steps of two features and three outputs."""
    return partial(MLP, 2, 3, "seq2vec", 6, **settings)


def gradient(members: Any, batch: Batch) -> dict[str, Tensor]:
    members.backward(lambda outputs, own: outputs.square().flatten(1).sum(1), batch)
    return members.named_views(members.weights.grad.clone())


@each_size
@pytest.mark.parametrize("activation", TORCH)
@each_engine
def test_every_member_is_torchs_layers(engine: str, activation: str, hidden_sizes: list[int]) -> None:
    members = build_population(factory(hidden_sizes=hidden_sizes, activation=activation), SEEDS, engine).double()
    outputs, by_weights = members(INPUTS, LENGTHS), gradient(members, Batch(INPUTS, INPUTS, LENGTHS))
    sizes = [12, *hidden_sizes, 3]
    for member in range(len(SEEDS)):
        dense = [nn.Linear(before, after).double() for before, after in pairwise(sizes)]
        views = members.named_views(members.weights.detach()[member])
        own = [parameter for layer in dense for parameter in (layer.weight, layer.bias)]
        for parameter, value in zip(own, views.values(), strict=True):
            parameter.data = value.clone()
        between = [part for layer in dense[:-1] for part in (layer, TORCH[activation]())]
        expected = nn.Sequential(*between, dense[-1])(INPUTS[member].masked_fill(PADDING[member], 0).flatten(1))
        torch.testing.assert_close(outputs[member], expected, rtol=0, atol=1e-12)
        wanted = torch.autograd.grad(expected.square().sum(), own)
        for name, value in zip(views, wanted, strict=True):
            torch.testing.assert_close(by_weights[name][member], value, rtol=0, atol=1e-12, msg=name)


@each_size
@each_engine
def test_a_member_is_the_same_alone(engine: str, hidden_sizes: list[int]) -> None:
    build = factory(hidden_sizes=hidden_sizes)
    together = build_population(build, SEEDS, engine).double()(INPUTS, LENGTHS)
    for index, seed in enumerate(SEEDS):
        alone = build_population(build, [seed], engine).double()
        one = slice(index, index + 1)
        torch.testing.assert_close(alone(INPUTS[one], LENGTHS[one]), together[one], rtol=0, atol=1e-15)
        network = build_member(build, seed).double()
        torch.testing.assert_close(network(INPUTS[index], LENGTHS[index]), together[index], rtol=0, atol=1e-15)


@pytest.mark.parametrize("time", [6, 9])
@each_engine
def test_padding_changes_no_output_and_no_gradient(engine: str, time: int) -> None:
    """Whether it ends with the longest sequence that the network takes or goes on behind it."""
    members = build_population(factory(), SEEDS, engine).double()
    batch = Batch(INPUTS, INPUTS, LENGTHS)
    expected, wanted = members(INPUTS, LENGTHS), gradient(members, batch)
    longer = batch.pad(time)
    for garbage in (0.0, 1e6, torch.nan, torch.inf):
        inputs = longer.inputs.masked_fill(~longer.mask.unsqueeze(-1), garbage)
        assert torch.equal(members(inputs, LENGTHS), expected)
        for name, value in gradient(members, Batch(inputs, inputs, LENGTHS)).items():
            assert torch.equal(value, wanted[name]), name


@each_engine
def test_a_short_batch_is_padded_with_zeros(engine: str) -> None:
    members, lengths = build_population(factory(), SEEDS, engine).double(), LENGTHS.clamp(max=4)
    assert torch.equal(members(INPUTS[:, :, :4], lengths), members(INPUTS, lengths))


@each_engine
def test_there_is_no_answer_to_what_is_too_long(engine: str) -> None:
    members, lengths = build_population(factory(), SEEDS, engine).double(), LENGTHS.clone()
    lengths[0, 1], lengths[2, 2] = 7, 9
    outputs = members(Batch(INPUTS, INPUTS, LENGTHS).pad(9).inputs, lengths)
    too_long = lengths > 6
    assert too_long.nonzero().tolist() == [[0, 1], [2, 2]]
    assert outputs[too_long].isnan().all()
    assert torch.equal(outputs[~too_long], members(INPUTS, LENGTHS)[~too_long])


@pytest.mark.parametrize("hidden_sizes", [[152], [30, 20]], ids=str)
def test_the_perceptrons_of_post_1_have_761_parameters(hidden_sizes: list[int]) -> None:
    build = partial(MLP, 1, 1, "seq2vec", 3, hidden_sizes=hidden_sizes)
    assert trained_numbers(build_population(build, [0, 1], "stacked")) == 761


def test_keras_and_uniform_start_as_they_say() -> None:
    keras = build_member(factory(init="keras", hidden_sizes=[40]), 5)
    for name, parameter in keras.named_parameters():
        bound = (6 / sum(parameter.shape)) ** 0.5 if parameter.dim() == 2 else 0
        assert 0.8 * bound <= parameter.abs().max() <= bound, name
    uniform = build_member(factory(init="uniform", init_scale=0.03, hidden_sizes=[40]), 5)
    assert 0.029 < max(parameter.detach().abs().max() for parameter in uniform.parameters()) <= 0.03
    torchs = build_member(factory(hidden_sizes=[40]), 5)
    for layer, units in zip(torchs.layers, (12, 40), strict=True):
        assert 0.8 * units**-0.5 < layer.weight.abs().max() <= units**-0.5
        assert 0.3 * units**-0.5 < layer.bias.abs().max() <= units**-0.5


@pytest.mark.parametrize(
    ("build", "key"),
    [
        (lambda: MLP(2, 3, "seq2seq", 6), "kind"),
        (factory(hidden_sizes=[4, 0]), "hidden_sizes"),
        (factory(hidden_sizes=8), "hidden_sizes"),
        (factory(hidden_sizes="88"), "hidden_sizes"),
        (factory(activation="gelu"), "activation"),
        (factory(init="identity"), "init"),
        (factory(init="zeros"), "init"),
        (factory(init="uniform", init_scale=0), "init_scale"),
    ],
)
def test_errors_name_the_key(build: Callable[[], Any], key: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        build()
    assert refused.value.key == key
