import pytest
import torch

from seqprobe.batch import Batch, last_step, length_mask

LENGTHS = torch.tensor([1, 3])
INPUTS = torch.arange(12.0).view(2, 3, 2)


def stack(batches: list[Batch]) -> Batch:
    return Batch(*(torch.stack(parts) for parts in zip(*(batch.tensors for batch in batches), strict=True)))


def test_length_mask_marks_the_true_steps() -> None:
    expected = [[[True, False, False], [True, True, True]], [[True, True, False], [True, False, False]]]
    assert length_mask(torch.tensor([[1, 3], [2, 1]]), 3).tolist() == expected


def test_last_step_is_read_at_each_sequences_own_length() -> None:
    assert last_step(INPUTS, LENGTHS).tolist() == [[0, 1], [10, 11]]
    stacked = last_step(torch.stack([INPUTS, INPUTS]), torch.tensor([[2, 2], [1, 3]]))
    assert stacked.tolist() == [[[2, 3], [8, 9]], [[0, 1], [10, 11]]]


@pytest.mark.parametrize(
    ("targets", "padded_shape"),
    [
        pytest.param(torch.ones(2, 3, 4), (2, 5, 4), id="seq2seq-mse"),
        pytest.param(torch.ones(2, 3, dtype=torch.long), (2, 5), id="seq2seq-cross_entropy"),
        pytest.param(torch.ones(2, 4), (2, 4), id="seq2vec-mse"),
        pytest.param(torch.ones(2, dtype=torch.long), (2,), id="seq2vec-cross_entropy"),
    ],
)
@pytest.mark.parametrize("seeds", [None, 3])
def test_pad_lengthens_only_what_has_time(
    targets: torch.Tensor, padded_shape: tuple[int, ...], seeds: int | None
) -> None:
    batch, leading = Batch(INPUTS, targets, LENGTHS), ()
    if seeds is not None:
        batch, leading = batch.repeat(seeds), (seeds,)
    padded = batch.pad(5)
    assert padded.inputs.shape == (*leading, 2, 5, 2)
    assert padded.targets.shape == (*leading, *padded_shape)
    assert padded.targets.dtype == targets.dtype
    assert padded.mask.sum() == batch.mask.sum()
    torch.testing.assert_close(padded.inputs[..., :3, :], batch.inputs, rtol=0, atol=0)
    assert padded.inputs[..., 3:, :].abs().sum() == 0
    assert padded.targets.sum() == batch.targets.sum()


def test_gather_draws_from_each_members_own_data() -> None:
    data = stack([Batch(INPUTS + shift, INPUTS[..., 0] + shift, LENGTHS) for shift in (0, 100)])
    drawn = data.gather(torch.tensor([[1, 1, 0], [0, 1, 1]]))
    assert drawn.inputs[:, :, 0, 0].tolist() == [[6, 6, 0], [100, 106, 106]]
    assert drawn.targets[:, :, 2].tolist() == [[10, 10, 4], [104, 110, 110]]
    assert drawn.lengths.tolist() == [[3, 3, 1], [1, 3, 3]]


def test_member_undoes_stack_and_head_takes_the_first() -> None:
    batches = [Batch(INPUTS + shift, INPUTS[:, 0] + shift, LENGTHS) for shift in (0, 100)]
    member = stack(batches).member(1)
    assert member.inputs.tolist() == batches[1].inputs.tolist()
    assert member.targets.tolist() == batches[1].targets.tolist()
    assert member.head(1).targets.tolist() == [[100, 101]]
    assert member.head(1).lengths.tolist() == [1]


def test_to_casts_numbers_but_never_classes_or_lengths() -> None:
    classes = Batch(INPUTS, torch.tensor([0, 1]), LENGTHS).to("cpu", torch.float64)
    assert [classes.inputs.dtype, classes.targets.dtype, classes.lengths.dtype] == [
        torch.float64,
        torch.int64,
        torch.int64,
    ]
    assert Batch(INPUTS, INPUTS, LENGTHS).to("cpu", torch.float64).targets.dtype == torch.float64
