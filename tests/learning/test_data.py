"""A batch is a pure function of (seed, step), and a member's data of its seed."""

import itertools
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from seqprobe.batch import Batch
from seqprobe.learning.data import Order, PopulationData, Spans
from seqprobe.seeds import generator
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line
from seqprobe.tasks.splits import Split, draw_split

SIZES = [(1, 1), (4, 10), (10, 10), (7, 3), (3, 7)]
each_size = pytest.mark.parametrize(("batch_size", "train_size"), SIZES)


def line_data(seeds: Sequence[int]) -> PopulationData:
    task = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=12, val_size=5, batch_size=5)
    return PopulationData(task, seeds, max_steps=20, val_every=10, updates_per_batch=4)


class Held(NameParameters):
    """A task whose splits have targets of their own."""

    def sample_split(self, split: Split, n: int, generator: torch.Generator) -> Batch:
        drawn = self.sample(n, generator)
        return replace(drawn, targets=torch.full_like(drawn.targets, {"train": 1, "val": 2, "probe": 3}[split]))


def numbers(batch: Batch) -> list[list[float]]:
    return [part.tolist() for part in (batch.inputs, batch.targets, batch.lengths)]


@each_size
def test_every_pass_is_a_fresh_permutation(batch_size: int, train_size: int) -> None:
    drawn = Order(3, batch_size, train_size).indices(range(4 * train_size))
    assert drawn.shape == (4 * train_size, batch_size)
    passes = drawn.reshape(-1, train_size)
    assert [sorted(one) for one in passes.tolist()] == [list(range(train_size))] * (4 * batch_size)
    if train_size >= 7:
        assert len({tuple(one) for one in passes.tolist()}) == 4 * batch_size


@each_size
@pytest.mark.parametrize("cuts", [[0, 1, 2, 3, 40], [0, 13, 40], [0, 7, 14, 21, 28, 35, 40]], ids=str)
def test_batches_do_not_depend_on_how_steps_are_cut(batch_size: int, train_size: int, cuts: list[int]) -> None:
    whole = Order(5, batch_size, train_size).indices(range(40)).tolist()
    pieces = [
        Order(5, batch_size, train_size).indices(range(start, stop)).tolist()
        for start, stop in itertools.pairwise(cuts)
    ]
    assert [row for piece in pieces for row in piece] == whole


@each_size
def test_earlier_steps_may_be_asked_for_again(batch_size: int, train_size: int) -> None:
    order = Order(5, batch_size, train_size)
    whole = order.indices(range(40)).tolist()
    for start, stop in ((0, 2), (35, 40), (17, 23), (16, 18), (0, 40)):
        assert order.indices(range(start, stop)).tolist() == whole[start:stop]


def test_an_order_keeps_one_pass() -> None:
    order = Order(5, 100, 50_000)
    held = []
    tracemalloc.start()
    for start, stop in ((0, 1), (1, 1200), (1200, 1250), (1900, 1999)):
        order.indices(range(start, stop))
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert 200_000 <= min(held) <= max(held) < 210_000


def test_every_seed_has_an_order_of_its_own() -> None:
    orders = {tuple(Order(seed, 20, 20).indices(range(1))[0].tolist()) for seed in range(50)}
    assert len(orders) == 50


@pytest.mark.parametrize(
    ("spans", "pairs"),
    [
        (Spans(10, 23, 5), [(10, 15), (15, 20), (20, 23)]),
        (Spans(0, 10, 5), [(0, 5), (5, 10)]),
        (Spans(20, 23, 50), [(20, 23)]),
        (Spans(0, 1, 1), [(0, 1)]),
    ],
)
def test_spans_cover_their_updates_once(spans: Spans, pairs: list[tuple[int, int]]) -> None:
    assert list(spans) == pairs
    assert len(spans) == len(pairs)


def test_members_draw_from_their_own_streams() -> None:
    data = line_data([0, 3, 7])
    for row, seed in enumerate([0, 3, 7]):
        train = data.task.sample(12, generator(seed, "train_data"))
        val = data.task.sample(5, generator(seed, "validation_data"))
        assert numbers(data.train.member(row)) == numbers(train)
        assert numbers(data.val.member(row)) == numbers(val)
    slopes = torch.cat([data.train.targets, data.val.targets], 1)
    assert slopes.unique().numel() == 3 * (12 + 5)


def test_data_depends_neither_on_the_other_seeds_nor_on_the_global_generator() -> None:
    torch.manual_seed(1)
    together = line_data([7, 3, 0])
    torch.manual_seed(2)
    state = torch.random.get_rng_state()
    alone = line_data([3])
    assert numbers(together.train.member(1)) == numbers(alone.train.member(0))
    assert numbers(together.val.member(1)) == numbers(alone.val.member(0))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_minibatches_are_each_members_own() -> None:
    data = line_data([0, 3])
    for step, batch in zip(range(6, 9), data.minibatches(range(6, 9)), strict=True):
        for row, seed in enumerate([0, 3]):
            (indices,) = Order(seed, 5, 12).indices(range(step, step + 1))
            assert batch.inputs[row].tolist() == data.train.inputs[row, indices].tolist()
            assert batch.targets[row].tolist() == data.train.targets[row, indices].tolist()


@pytest.mark.parametrize("cuts", [[0, 20], [0, 7, 14, 20], [0, 1, 2, 3, 20]], ids=str)
@pytest.mark.parametrize("gathered", [1, 50, 10**9])
@pytest.mark.parametrize(("batch_size", "train_size"), [(5, 12), (5, 3), (3, 1)])
def test_minibatches_depend_neither_on_cuts_nor_on_how_many_are_gathered(
    batch_size: int, train_size: int, gathered: int, cuts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = NameParameters(
        "t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=train_size, val_size=5, batch_size=batch_size
    )
    data = PopulationData(task, [0, 3], max_steps=20, val_every=10, updates_per_batch=4)
    orders = [Order(seed, batch_size, train_size).indices(range(20)) for seed in (0, 3)]
    monkeypatch.setattr("seqprobe.learning.data.GATHERED", gathered)
    batches = [batch for start, stop in itertools.pairwise(cuts) for batch in data.minibatches(range(start, stop))]
    assert len(batches) == 20
    for step, batch in enumerate(batches):
        expected = [data.train.member(row).inputs[order[step]].tolist() for row, order in enumerate(orders)]
        assert batch.inputs.tolist() == expected
        expected = [data.train.member(row).targets[order[step]].tolist() for row, order in enumerate(orders)]
        assert batch.targets.tolist() == expected
        assert batch.lengths.tolist() == [[4] * batch_size] * 2


def test_passes_are_shuffled_afresh_or_the_first_is_repeated() -> None:
    once, afresh = Order(3, 5, 20, reshuffle=False), Order(3, 5, 20)
    first = once.indices(range(4))
    assert sorted(first.ravel().tolist()) == list(range(20))
    assert once.indices(range(4, 12)).tolist() == [*first.tolist(), *first.tolist()]
    assert afresh.indices(range(4)).tolist() == first.tolist()
    assert afresh.indices(range(4, 8)).tolist() != first.tolist()


def test_training_and_validation_draw_their_own_splits() -> None:
    task = Held("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=12, val_size=5, batch_size=5)
    data = PopulationData(task, [3], max_steps=20, val_every=10, updates_per_batch=4)
    assert (data.train.targets.unique().tolist(), data.val.targets.unique().tolist()) == ([1], [2])
    assert draw_split(task, "probe", 2, 3).targets.unique().tolist() == [3]
    inputs = line_data([3]).train.inputs
    assert data.train.inputs.tolist() == inputs.tolist()
