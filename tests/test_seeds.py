from typing import Any

import numpy as np
import pytest
import torch

from seqprobe.checks import InvalidValue
from seqprobe.seeds import STREAMS, generator, parse_seeds, stream, update_numbers


@pytest.mark.parametrize("seed", [0, 7, 12345])
def test_streams_are_numpys_spawned_children(seed: int) -> None:
    children = np.random.SeedSequence(seed).spawn(len(STREAMS))
    for name, child in zip(STREAMS, children, strict=True):
        assert stream(seed, name).generate_state(4).tolist() == child.generate_state(4).tolist()
        assert generator(seed, name).initial_seed() == int(child.generate_state(1, np.uint64)[0] >> 1)


def test_the_order_of_streams_is_part_of_every_result() -> None:
    assert STREAMS[:5] == ("train_data", "validation_data", "weights", "order", "probes")


def test_every_seed_and_stream_draws_something_else() -> None:
    drawn = {tuple(torch.rand(4, generator=generator(seed, name)).tolist()) for seed in range(20) for name in STREAMS}
    assert len(drawn) == 20 * len(STREAMS)


def test_a_generator_starts_anew_and_leaves_the_global_one_alone() -> None:
    before = torch.random.get_rng_state()
    first, second = (torch.rand(5, generator=generator(3, "order")) for _ in range(2))
    assert first.tolist() == second.tolist()
    assert torch.equal(torch.random.get_rng_state(), before)


def test_an_updates_number_depends_on_seed_and_update_alone() -> None:
    numbers = update_numbers(3, range(1000))
    assert update_numbers(3, range(10, 13)) == numbers[10:13]
    assert numbers[:2] == np.random.PCG64(stream(3, "training")).random_raw(2).tolist()
    assert len({*numbers, *update_numbers(4, range(1000))}) == 2000


@pytest.mark.parametrize(
    ("value", "seeds"), [(1, [0]), (3, [0, 1, 2]), ([3, 7], [3, 7]), ((0,), [0]), (range(2, 4), [2, 3])]
)
def test_parse_seeds_reads_counts_and_lists(value: Any, seeds: list[int]) -> None:
    assert parse_seeds(value) == seeds


@pytest.mark.parametrize(
    "value", [0, -1, 1.5, True, None, "5", "3,7", [], [1, 1], [-1], [0.5], [True], ["1"]], ids=repr
)
def test_parse_seeds_refuses(value: Any) -> None:
    with pytest.raises(InvalidValue, match=r"^seeds=") as refused:
        parse_seeds(value)
    assert refused.value.key == "seeds"
