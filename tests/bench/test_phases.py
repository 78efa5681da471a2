"""The phases of all processes are added up, and the table shows what one training of a sweep takes."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from seqprobe.bench import phase_clocks
from seqprobe.bench.clocks import Clocks
from seqprobe.bench.phase_clocks import OTHER, PHASES, timed_phases
from seqprobe.bench.phases import Call, page_text, phase_table, summed

FIRST = [Call(9.0, {"imports": 4.0, "drawing": seconds}, 0) for seconds in (1.0, 3.0, 2.0)]
SWEEP = Call(125.0, {"imports": 8.0, "training": 20.0, OTHER: 2.0}, 4)


def test_seconds_of_processes_are_added_by_phase() -> None:
    parts = [{"imports": 1.0, "drawing": 2.0}, {"drawing": 0.5}, {}]
    assert summed(parts) == {"imports": 1.0, "drawing": 2.5}
    assert summed([]) == {}


def test_the_table_has_medians_and_a_share_of_the_sweep_for_each_training() -> None:
    names, rows = phase_table(FIRST, SWEEP)
    assert names == ["phase", "first result", "sweep of 4 trainings", "of it, for one training"]
    shown = {row[0]: row[1:] for row in rows}
    assert list(shown) == [*PHASES, OTHER, "in all"]
    assert shown["imports"] == ["4.00", "8.0", "2.00"]
    assert shown["drawing"] == ["2.00", "0.0", "0.00"]
    assert shown["training"] == ["0.00", "20.0", "5.00"]
    assert shown["in all"] == ["6.00", "30.0", "7.50"]


def test_without_a_sweep_its_columns_are_missing() -> None:
    names, rows = phase_table(FIRST, None)
    assert names == ["phase", "first result"]
    assert rows[-1] == ["in all", "6.00"]


def test_the_page_says_what_passed_in_all() -> None:
    shown = [Call(passed, {"in all": 11.0}, 0) for passed in (7.5, 9.25, 8.0)]
    text = page_text(FIRST, shown, SWEEP, ["seeds=10"])
    assert "the first result 8.0 s passed [7.5, 9.2], with 11.0 s of processor time" in text
    assert "The sweep (`python pipelines/sweep.py seeds=10`, two trainings at a time) took 2 min 5 s in all." in text
    assert "sweep" not in page_text(FIRST, shown, None, [])


@pytest.fixture
def timed_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A module that is not loaded yet, whose function ``draw`` is a phase."""
    (tmp_path / "drawn_later.py").write_text("def draw():\n    return 7\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(phase_clocks, "PHASES", {"imports": (), "drawing": ("drawn_later:draw",)})
    return "drawn_later"


def test_clocks_are_put_around_what_is_loaded_later(timed_module: str) -> None:
    clocks = Clocks(iter(range(1000)).__next__)
    with timed_phases(clocks):
        import drawn_later  # type: ignore[import-not-found]  # the fixture writes it

        assert drawn_later.draw() == 7
    module: ModuleType = sys.modules.pop(timed_module)
    assert clocks.seconds["imports"] >= 1
    assert clocks.seconds["drawing"] == 1
    assert module.draw() == 7
    assert clocks.seconds["drawing"] == 1


def test_every_phase_names_functions_that_exist() -> None:
    from importlib import import_module
    from pkgutil import resolve_name

    for place in (place for places in PHASES.values() for place in places):
        import_module(place.partition(":")[0])
        assert callable(resolve_name(place)), place
