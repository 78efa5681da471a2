"""Imports are not searched for garbage, and what exists is kept from the search only when something was imported."""

from __future__ import annotations

import gc
import sys
from types import ModuleType

import pytest

from seqprobe.run.uncollected_imports import uncollected_imports


@pytest.fixture
def freezes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every call of `gc.freeze`."""
    calls: list[int] = []
    monkeypatch.setattr(gc, "freeze", lambda: calls.append(1))
    return calls


def test_nothing_is_collected_in_the_block(freezes: list[int]) -> None:
    with uncollected_imports():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_objects_are_kept_from_the_search_after_an_import_alone(
    freezes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with uncollected_imports():
        import json  # noqa: F401  it is loaded already
    assert freezes == []
    with uncollected_imports():
        monkeypatch.setitem(sys.modules, "imported_now", ModuleType("imported_now"))
    assert freezes == [1]


def test_a_collection_that_was_off_stays_off_also_after_an_error(freezes: list[int]) -> None:
    gc.disable()
    try:
        with pytest.raises(ImportError), uncollected_imports():
            raise ImportError
        assert not gc.isenabled()
    finally:
        gc.enable()
