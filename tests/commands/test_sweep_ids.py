"""Which sweep ``against=`` names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from seqprobe.checks import InvalidValue
from seqprobe.commands import sweep_ids
from seqprobe.commands.sweep_ids import named_sweep

FIRST, SECOND, THIRD = "20260102-000000-0000009", "reproduce-20260103-000000-0000002", "20260104-000000-0000001"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Populations of three sweeps, of which one is a reproduction; one population is in two of them."""
    runs = [SimpleNamespace(tags={"seqprobe.sweep": text}) for text in (SECOND, f"{THIRD} {FIRST}")]
    monkeypatch.setattr(sweep_ids, "records", lambda store, kind: [*runs, SimpleNamespace(tags={})])
    return None


@pytest.mark.parametrize(
    ("name", "expected"), [("last", THIRD), ("previous", SECOND), (FIRST, FIRST), (SECOND, SECOND)]
)
def test_a_sweep_is_named_by_its_id_or_by_its_age(name: str, expected: str, store: Any) -> None:
    assert named_sweep(store, name) == expected


def test_an_unknown_sweep_is_refused_with_the_newest_ones(store: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        named_sweep(store, "2026")
    assert str(refused.value).endswith(f"last or previous: {THIRD}, {SECOND}, {FIRST}")
