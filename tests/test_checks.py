"""Values that cannot be used are refused with one line that shows them safely."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from seqprobe.checks import (
    LARGEST_WEIGHT,
    InvalidValue,
    integer,
    number,
    plain_name,
    single_line,
    suggestion,
    user_path,
)


@pytest.mark.parametrize("value", ["sine", "a b.c-d", "hügel_2", "3", "x", "日本", "x" * 100])
def test_plain_names(value: str) -> None:
    assert plain_name("task.name", value) == value


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        True,
        "",
        " a",
        "a ",
        ".a",
        "..",
        "../../x",
        "/etc/x",
        "a/b",
        "a\\b",
        "a\nb",
        "a'b",
        "<b>",
        "x" * 101,
        "ä" * 51,
    ],
)
def test_names_that_would_be_no_file_of_their_own(value: Any) -> None:
    with pytest.raises(InvalidValue, match=r"(?s)^task\.name=.*: must be text of letters"):
        plain_name("task.name", value)


def test_a_users_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert user_path("folder", "~/runs") == tmp_path / "runs"
    assert user_path("folder", "runs") == tmp_path / "runs"
    assert user_path("folder", "a %?#ü日") == tmp_path / "a %?#ü日"


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("", "must be a path"),
        (3, "must be a path"),
        (None, "must be a path"),
        ("a\nb", "without control characters"),
        ("a\x1b[2J", "without control characters"),
        ("~nobody99/x", "no such home folder"),
        ("x" * 256, "is too long"),
        ("x/" * 2000, "is too long"),
    ],
)
def test_what_is_no_path(value: Any, allowed: str) -> None:
    with pytest.raises(InvalidValue, match=allowed):
        user_path("folder", value)


@pytest.mark.parametrize("value", [10**400, math.inf, math.nan, "1", True, None])
def test_what_is_no_finite_number(value: Any) -> None:
    with pytest.raises(InvalidValue):
        number("lr", value)


def test_numbers_within_limits() -> None:
    assert number("amplitude", 1e300) == 1e300
    assert number("forget_bias", -LARGEST_WEIGHT, LARGEST_WEIGHT) == -1e30
    with pytest.raises(InvalidValue, match=r"forget_bias=-1e\+300: must be a number in -1e\+30 … 1e\+30"):
        number("forget_bias", -1e300, LARGEST_WEIGHT)


def test_sizes_beyond_any_machine() -> None:
    assert integer("size", 10**9) == 10**9
    with pytest.raises(InvalidValue, match=r"must be an integer in 1 … 1000000000"):
        integer("size", 10**9 + 1)


def test_a_message_shows_control_characters_and_shortens_what_is_long() -> None:
    assert single_line(ValueError("a\n\x1b[31mred\x1b[0m\u202eb")) == r"a \x1b[31mred\x1b[0m\u202eb"
    assert len(str(InvalidValue("key", "x" * 10**6, "is long"))) < 300


@pytest.mark.parametrize(
    ("value", "expected"), [("sin", "; did you mean sine?"), ("LSTM", "; did you mean lstm?"), ("foo", ""), (3, "")]
)
def test_a_name_that_a_value_resembles_is_suggested(value: object, expected: str) -> None:
    assert suggestion(value, ["lstm", "sine", "sentence"]) == expected
