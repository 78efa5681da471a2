"""A stacked population is computed in parts, and no member notices how many there are."""

import itertools
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqprobe.batch import Batch
from seqprobe.models import LoopedPopulation, RecurrentNetwork, StackedPopulation
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.engines import build_population
from seqprobe.models.member import build_member
from seqprobe.models.population import Population

AT_ONCE = [1, 2, 3, None]
COUNTS = range(1, 8)
ALIGNED, ODD = [(8, 8), (16, 16), (32, 1)], (3, 5)
"""Units and sequences. Torch's kernels take whole vectors of numbers and compute what is left over by another formula,
so the last bits of a member are its own only if its states fill whole vectors."""
each_cell = pytest.mark.parametrize("cell", [RNN, ReLURNN, LSTM, GravesLSTM, PeepholeLSTM, GRU])
each_dtype = pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["double", "single"])
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


def network(kind: str, time: int, cell: Any, hidden_size: int) -> RecurrentNetwork:
    return RecurrentNetwork(2, 3, kind, time, cell, hidden_size=hidden_size)


def random_batch(members: int, size: int, time: int) -> Batch:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(members, size, time, 2, generator=generator, dtype=torch.float64)
    lengths = torch.randint(1, time + 1, (members, size), generator=generator)
    lengths[:2] = time
    return Batch(inputs, inputs, lengths)


def squares(outputs: Tensor, batch: Batch) -> Tensor:
    return outputs.square().flatten(1).mean(1)


def computed(population: Population, batch: Batch) -> dict[str, Tensor]:
    """Everything that a population computes of a batch."""
    found = {"outputs": population(*batch.tensors[::2]).detach(), "losses": population.backward(squares, batch)}
    traced = {name: values.detach() for name, values in population.trace(*batch.tensors[::2]).items()}
    return found | {"gradients": population.weights.grad.clone()} | traced


def in_parts(cell: Any, dtype: torch.dtype, kind: str, time: int, sizes: tuple[int, int]) -> Any:
    """What each way of cutting each population computes, with what the first members of seven at once compute."""
    hidden_size, size = sizes
    members = [build_member(partial(network, kind, time, cell, hidden_size), seed) for seed in range(7)]
    batch = random_batch(7, size, time).to("cpu", dtype)
    whole = computed(StackedPopulation(members).to(dtype), batch)
    for count, at_once in itertools.product(COUNTS, AT_ONCE):
        found = computed(StackedPopulation(members[:count], at_once).to(dtype), batch.members(slice(count)))
        yield count, at_once, found, {name: values[:count] for name, values in whole.items()}


@pytest.mark.parametrize("at_once", AT_ONCE)
@pytest.mark.parametrize("count", COUNTS)
def test_parts_are_neighbours_of_about_equal_number(count: int, at_once: int | None) -> None:
    parts = StackedPopulation([network("seq2vec", 5, RNN, 2)] * count, at_once).parts
    sizes = [part.stop - part.start for part in parts]
    assert [member for part in parts for member in range(part.start, part.stop)] == list(range(count))
    assert min(sizes) > 1 or sizes == [1]
    assert max(sizes) <= max(at_once or count, 3)
    assert max(sizes) - min(sizes) <= 1
    assert (len(parts) == 1) == (count <= max(at_once or count, 3))


def test_the_looped_engine_computes_one_member_at_a_time() -> None:
    population = LoopedPopulation([network("seq2vec", 5, RNN, 2) for _ in range(4)], at_once=3)
    assert population.parts == [slice(0, 1), slice(1, 2), slice(2, 3), slice(3, 4)]


@pytest.mark.parametrize(("engine", "sizes"), [("stacked", [2, 2, 3]), ("looped", [1] * 7)])
def test_the_backward_pass_takes_one_part_after_the_other(engine: str, sizes: list[int]) -> None:
    population = build_population(partial(network, "seq2vec", 5, RNN, 2), range(7), engine, at_once=2).double()
    seen = []

    def loss(outputs: Tensor, batch: Batch) -> Tensor:
        assert len(outputs) == len(batch.inputs) == len(batch.targets) == len(batch.lengths)
        seen.append(len(outputs))
        return squares(outputs, batch)

    assert population.backward(loss, random_batch(7, 4, 5)).shape == (7,)
    assert seen == sizes


@pytest.mark.parametrize("sizes", ALIGNED, ids=str)
@pytest.mark.parametrize(("kind", "time"), [("seq2vec", 5), ("seq2vec", 20), ("seq2seq", 20)])
@each_dtype
@each_cell
def test_a_member_has_the_same_bits_however_it_is_computed(
    cell: Any, dtype: Any, kind: str, time: int, sizes: tuple[int, int]
) -> None:
    for count, at_once, found, expected in in_parts(cell, dtype, kind, time, sizes):
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            assert torch.equal(found[name], values), f"{name} of {count}, {at_once} at once"


@pytest.mark.parametrize("time", [5, 20])
@each_dtype
@each_cell
def test_states_of_odd_sizes_round_differently_in_the_last_bits_alone(cell: Any, dtype: Any, time: int) -> None:
    for count, at_once, found, expected in in_parts(cell, dtype, "seq2seq", time, ODD):
        for name, values in expected.items():
            bound = 2 * torch.finfo(dtype).eps * float(values.abs().max())
            assert (found[name] - values).abs().max() <= bound, f"{name} of {count}, {at_once} at once"


@pytest.mark.parametrize("at_once", AT_ONCE)
@each_engine
@each_cell
def test_gradients_lie_at_the_parameters_places_and_are_zero_between_them(
    cell: Any, engine: str, at_once: int | None
) -> None:
    population = build_population(partial(network, "seq2vec", 5, cell, 3), range(5), engine, at_once).double()
    population.backward(squares, random_batch(5, 4, 5))
    gradient = population.weights.grad
    between = torch.ones_like(gradient, dtype=torch.bool)
    for view in population.named_views(between).values():
        view.zero_()
    assert between.any(1).all()
    assert gradient[between].count_nonzero() == 0
    for i in range(5):
        alone = build_population(partial(network, "seq2vec", 5, cell, 3), [i], engine).double()
        alone.backward(squares, random_batch(5, 4, 5).members(slice(i, i + 1)))
        for name, view in population.named_views(gradient[i]).items():
            torch.testing.assert_close(view, alone.named_views(alone.weights.grad[0])[name], rtol=0, atol=1e-14)


class Shifted(RecurrentNetwork):
    """A network that shifts the outputs for some inputs only."""

    def __init__(self) -> None:
        super().__init__(2, 3, "seq2vec", 5, RNN, hidden_size=4)
        self.shift = nn.Parameter(torch.ones(3))

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        outputs = super().forward(inputs, lengths)
        return outputs + self.shift.unsqueeze(-2) if inputs.sum() > 0 else outputs


@pytest.mark.parametrize("count", [1, 5])
@each_engine
def test_what_a_network_did_not_use_has_no_gradient(engine: str, count: int) -> None:
    population = build_population(Shifted, range(count), engine, at_once=2).double()
    batch = random_batch(count, 4, 5)
    for inputs, used in ((batch.inputs.abs(), True), (-batch.inputs.abs(), False)):
        population.backward(squares, Batch(inputs, inputs, batch.lengths))
        gradients = population.named_views(population.weights.grad)
        assert (gradients["shift"] != 0).tolist() == [[used] * 3] * count
        assert gradients["layers.0.recurrent_weight"].abs().amax((1, 2)).min() > 0


@pytest.mark.parametrize("at_once", AT_ONCE)
@each_engine
def test_every_members_state_is_complete(engine: str, at_once: int | None) -> None:
    population = build_population(partial(network, "seq2vec", 5, LSTM, 3), range(5), engine, at_once)
    for member, row in enumerate(population.weights.detach()):
        expected = build_member(partial(network, "seq2vec", 5, LSTM, 3), member).state_dict()
        state = population.state(member, row)
        assert {name: value.tolist() for name, value in state.items()} == {
            name: value.tolist() for name, value in expected.items()
        }
