"""What seqprobe trains stays what it was, to 1e-9, unless `NUMERICS` is raised; see `numerics`."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from run import numerics

from seqprobe.config.places import resources
from seqprobe.models.engines import ENGINES
from seqprobe.run.identity import NUMERICS

RAISE = "raise NUMERICS in src/seqprobe/run/identity.py, then: python tests/run/numerics.py"
RENEW = "cases or arguments are new or gone; renew the file: python tests/run/numerics.py"


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    return numerics.recorded()


def test_the_file_is_of_this_number(before: dict[str, Any]) -> None:
    assert before["numerics"] == NUMERICS, RENEW


def test_no_default_has_changed(before: dict[str, Any]) -> None:
    now = numerics.all_defaults()
    changed = numerics.changes({"defaults": before["defaults"], "results": {}}, {"defaults": now})
    assert not changed, f"{changed}: {RAISE}"
    assert now == before["defaults"], RENEW


def test_every_task_model_engine_and_optimizer_is_trained(before: dict[str, Any]) -> None:
    conf = resources("conf")
    assert set(numerics.TASKS) == {path.stem for path in (conf / "task").glob("*.yaml")} - {"table"}  # needs a file
    assert set(numerics.MODELS) == {path.stem for path in (conf / "model").glob("*.yaml")}
    overrides = [override for given in numerics.cases().values() for override in given]
    assert {f"engine={engine}" for engine in ENGINES} <= set(overrides)
    chosen = {value for key, _, value in (override.partition("=") for override in overrides) if key == "optimizer"}
    defaults = yaml.safe_load((conf / "config.yaml").read_text())["defaults"]
    chosen |= {entry["optimizer"] for entry in defaults if "optimizer" in entry}
    assert chosen == {path.stem for path in (conf / "optimizer").glob("*.yaml")}
    assert set(before["results"]) == set(numerics.cases()), RENEW


def test_nothing_that_is_trained_has_changed(before: dict[str, Any]) -> None:
    for name, overrides in numerics.cases().items():
        now = {"results": {name: numerics.results(overrides)}}
        changed = numerics.changes({"defaults": {}, "results": {name: before["results"][name]}}, now)
        assert not changed, f"{changed}: {RAISE}"


@pytest.mark.parametrize("relative", [1e-8, -1e-8])
def test_a_small_change_is_noticed(before: dict[str, Any], relative: float) -> None:
    now = {**before, "results": {**before["results"]}}
    arrays = now["results"]["sgd"]
    loss = [list(row) for row in arrays["val/loss"]]
    loss[-1][1] *= 1 + relative
    now["results"]["sgd"] = {**arrays, "val/loss": loss}
    assert numerics.changes(before, now) == ["val/loss of sgd"]
    assert numerics.changes(before, before) == []
