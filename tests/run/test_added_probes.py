"""A population with added probes is the one that a training with those probes, or without them, would make."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scripts import run_script

from seqprobe.checks import InvalidValue
from seqprobe.commands.probe_run import stated_rerun
from seqprobe.config.compose import plain_config
from seqprobe.config.recompose import current_config
from seqprobe.run.added_probes import allow_recorded_code, requested_probes
from seqprobe.scoring import Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore

FAST = ["task=sine", "model=rnn", "model.hidden_size=2", "seeds=[0]", "trainer.max_steps=3", "task.points=10"]
LEFT_OUT = [f"~task.probes.{name}" for name in ("phase", "frequency", "lines", "lines_no_intercept", "map")]
LATER = ["+probe@task.probes.later=amplitude", "task.probes.later.values=[0.7]"]


def test_both_requests_find_it_finished(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = [*FAST, *LEFT_OUT, f"tracking.dir={tmp_path}"]
    assert run_script("train", command) == 0
    store = EmbeddedStore(str(tmp_path))
    (population,) = store.search(RunFilter("population"))
    assert run_script("probe", [f"run={population.run_id}", *LATER, f"tracking.dir={tmp_path}"]) == 0
    (probed,) = store.search(RunFilter("population"))
    assert len(probed.tags[Tag.POPULATION].split()) == 2
    for overrides in ([], LATER):
        capfd.readouterr()
        assert run_script("train", [*command, *overrides]) == 0
        assert "finished before" in capfd.readouterr().out
    assert len(store.search(RunFilter("population"))) == 1


def test_probes_are_added_to_the_config_of_the_run() -> None:
    saved = plain_config(*FAST, *LEFT_OUT)
    added = requested_probes({**saved, "unknown_key": 1}, LATER, None, rerun=False)
    assert (added.names, added.present) == (["later"], [])
    assert list(added.config["task"]["probes"]) == ["amplitude", "later"]
    assert added.config["task"]["probes"]["later"]["values"] == [0.7]
    assert added.config["task"]["points"] == 10
    again = requested_probes(added.config, LATER, None, rerun=False)
    assert (again.names, again.present) == ([], ["later"])
    with pytest.raises(InvalidValue, match="another name, or rerun=true"):
        requested_probes(added.config, ["task.probes.later.values=[0.8]"], None, rerun=False)
    replaced = requested_probes(added.config, ["task.probes.later.values=[0.8]"], None, rerun=True)
    assert (replaced.names, replaced.present) == (["later"], [])


def test_where_probes_run_may_differ_from_where_the_population_was_trained() -> None:
    saved = plain_config(*FAST, *LEFT_OUT, "trainer.accelerator=gpu")
    added = requested_probes(saved, [*LATER, "trainer.accelerator=cpu", "threads=2"], None, rerun=False)
    assert (added.config["trainer"]["accelerator"], added.config["threads"]) == ("cpu", 2)
    with pytest.raises(InvalidValue, match="was decided by the training"):
        requested_probes(saved, [*LATER, "trainer.precision=64-true"], None, rerun=False)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([], False),
        (["rerun=true"], True),
        (["rerun=True"], True),
        (["++rerun=yes"], True),
        (["rerun=on", "rerun=FALSE"], False),
        (["rerun=0"], False),
        (["rerun=1"], True),
    ],
    ids=str,
)
def test_rerun_is_stated_in_any_spelling(overrides: list[str], expected: bool) -> None:
    assert stated_rerun(overrides) is expected


def test_a_saved_config_is_read_with_todays_keys_and_names() -> None:
    saved = plain_config(*FAST)
    saved["model"]["cell"]["_target_"] = "seqprobe.models.rnn.RNN"
    saved["trainer"].pop("memory_gib")
    saved["gone"] = True
    config = current_config(saved)
    assert config["model"]["cell"]["_target_"] == "seqprobe.models.cells.rnn.RNN"
    assert config["trainer"]["memory_gib"] is None
    assert "gone" not in config


def test_a_store_cannot_state_that_it_is_trusted() -> None:
    saved = plain_config(*FAST, *LEFT_OUT)
    saved["trust"], saved["task"]["probes"]["amplitude"] = True, {"_target_": "this.s"}
    with pytest.raises(InvalidValue, match=r"task\.probes\.amplitude\._target_=this\.s: is code outside"):
        requested_probes(saved, LATER, None, rerun=False)
    assert "this" not in sys.modules


def test_code_that_was_saved_with_a_population_takes_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(
        InvalidValue, match=r"run=1: was trained with code of its user; give the --config-dir .* trust=true"
    ):
        allow_recorded_code("1", tmp_path, ["trust=false"])
    assert str(tmp_path) not in sys.path
    allow_recorded_code("1", tmp_path, ["trust=true"])
    assert str(tmp_path) in sys.path
