"""Parameters of a task's constructor are keys, whether its YAML states them or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import write_examples
from scripts import forget_modules

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import compose_config
from seqprobe.config.constructor_keys import forced_task_keys, plain_task_keys
from seqprobe.run.identity import RunIdentity, run_identity

CHOSEN = ["task=running_mean", "model=rnn"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    written = write_examples("docs/extending.md", tmp_path)
    monkeypatch.syspath_prepend(written)
    yield written
    forget_modules([written])


def identity(folder: Path, *overrides: str) -> RunIdentity:
    return run_identity(compose_config([*CHOSEN, *overrides], folder).config)


def test_a_parameter_is_set_without_a_plus_and_names_the_run(folder: Path) -> None:
    config = compose_config([*CHOSEN, "task.length=6", "task.train_size=null"], folder).config
    assert (config["task"]["length"], config["task"]["train_size"]) == (6, None)
    assert config["names"]["overrides"] == "task.length=6 task.train_size=null"
    added = compose_config([*CHOSEN, "+task.length=6"], folder).config
    assert added["task"] == {key: value for key, value in config["task"].items() if key != "train_size"}


def test_a_default_that_is_stated_changes_nothing(folder: Path) -> None:
    assert identity(folder, "task.length=20", "task.val_size=100") == identity(folder)
    assert identity(folder, "task.length=6", "task.val_size=100") == identity(folder, "task.length=6")
    assert identity(folder, "task.length=6") != identity(folder)


def test_a_misspelt_parameter_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidValue) as caught:
        compose_config([*CHOSEN, "task.lenght=6", "task.val_size=3"], folder)
    allowed = "name, length, train_size, val_size, batch_size; did you mean length?"
    assert str(caught.value) == f"task.lenght=6: unknown key; allowed here: {allowed}"


def test_the_constructor_of_untrusted_code_is_not_looked_into() -> None:
    with pytest.raises(InvalidValue, match="is code outside"):
        compose_config(["task=sine", "task._target_=webbrowser.open", "task.url=x"])


def test_hydras_own_multirun_takes_any_key_of_a_task() -> None:
    given = ["task.length=6,12", "task.curve.phase=0", "+task.x=1", "model.hidden_size=3", "task=sine", "~task.probes"]
    forced = forced_task_keys(given)
    assert forced == ["++task.length=6,12", *given[1:]]
    assert plain_task_keys(forced) == given
