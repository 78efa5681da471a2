"""The first minibatch as text: inputs, lengths and targets, row by row."""

from seqprobe.learning.minibatch_text import training_example
from seqprobe.tasks.inverse import Inverse
from seqprobe.tasks.turnstile import Turnstile


def test_the_training_example_is_printed_as_post_1_prints_it() -> None:
    text = training_example(Inverse("inverse", [2, 3], train_size=6, batch_size=3), 0).splitlines()
    assert text[:6] == [
        "inverse: the first minibatch of seed 0",
        "  inputs: 3x3x1",
        "  lengths: 3",
        "  targets: 3x1",
        "",
        "inputs (zero padded on the right):",
    ]
    rows = [[float(word) for word in line.split()] for line in text[6:9]]
    ends = [[int(word) for word in line.split()] for line in text[11:14]]
    assert [sum(row) for row in ends] == [1, 1, 1]
    for row, end in zip(rows, ends, strict=True):
        assert row[end.index(1) + 1 :] == [0] * (2 - end.index(1))
    assert text[15] == "targets:"
    assert all(0 <= float(line) <= 10 for line in text[16:19])


def test_classes_are_printed_by_name() -> None:
    text = training_example(Turnstile("t", 0.5, 4, train_size=9, batch_size=9), 0).splitlines()
    assert set(" ".join(text[-9:-1]).split()) <= {"WAIT", "WALK"}
    assert text[-1] == "… and 1 more sequences"
