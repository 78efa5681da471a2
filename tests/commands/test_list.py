"""The list of choices in a terminal's width."""

from __future__ import annotations

import pytest

from seqprobe.commands.list import choice_lines

NAMES = {"sine": "A sine that is reproduced.", "post0/line_and_hill/one_layer_fits": "A line is fitted by one layer."}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            48,
            [
                "  sine                      A sine that is",
                "                            reproduced.",
                "  post0/line_and_hill/one_layer_fits",
                "      A line is fitted by one layer.",
            ],
        ),
        (
            None,
            [
                "  sine                                A sine that is reproduced.",
                "  post0/line_and_hill/one_layer_fits  A line is fitted by one layer.",
            ],
        ),
    ],
)
def test_texts_are_wrapped_beside_short_names_and_below_long_ones(columns: int | None, expected: list[str]) -> None:
    assert list(choice_lines(NAMES, columns)) == expected
