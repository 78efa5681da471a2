"""Errors in one line: what each kind of problem says, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from scripts import ROOT

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import compose_config
from seqprobe.config.schema import register
from seqprobe.run.messages import choice_names, error_line, override_of, reason


def composition_error(*overrides: str) -> Exception:
    """What Hydra raises for ``overrides``."""
    register()
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        try:
            compose("config", list(overrides))
        except Exception as problem:
            return problem
    raise AssertionError(f"composed: {overrides}")


def test_a_users_mistake_ends_with_2_and_any_other_failure_with_1() -> None:
    assert error_line(InvalidValue("model.hidden_size", -3, "must be >= 1"), []) == (
        "error: model.hidden_size=-3: must be >= 1",
        2,
    )
    assert error_line(RuntimeError("two\n  lines"), []) == (
        "error: RuntimeError: two lines (set HYDRA_FULL_ERROR=1 for a traceback)",
        1,
    )
    assert error_line(HydraException("two\nlines"), []) == ("error: two lines", 2)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "model=foo",
            "model=foo: must be one of bilstm, counter, gru, lstm, lstm2, lstm_graves, lstm_peephole, mlp, relu_rnn, "
            "rnn, turnstile_machine",
        ),
        ("trainer.max_steps=abc", "trainer.max_steps=abc: must be an integer"),
        ("trainer.gradient_clip=abc", "trainer.gradient_clip=abc: must be a number"),
        ("trainer.max_steps=null", "trainer.max_steps=null: must not be null"),
        ("names.foo=1", "names.foo=1: unknown key; allowed here: task, model, preset, overrides, sweep, trial, tuned"),
        ("loss.delta=1", "loss.delta=1: no loss is chosen; choose loss=cross_entropy, huber, mae, quantile"),
        ("~model.foo", "~model.foo: unknown key; there is nothing to remove"),
        ("trainer=null", "trainer=null: must be one of default"),
    ],
)
def test_what_hydra_refuses_is_said_in_one_line(override: str, message: str) -> None:
    assert error_line(composition_error(override), [override]) == (f"error: {message}", 2)


def test_a_value_that_is_missing_is_named() -> None:
    config = OmegaConf.create({"tracking": {"uri": "???"}})
    with pytest.raises(Exception, match="Missing") as caught:
        _ = config.tracking.uri
    assert error_line(caught.value, []) == ("error: tracking.uri: is required: set tracking.uri=…", 2)


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("model.hidden_size=3", "model.hidden_size=3"),
        ("+model.hidden_size=3", "model.hidden_size=3"),
        ("++model.hidden_size=3", "model.hidden_size=3"),
        ("model.hidden_size.below=[1,2]", "model.hidden_size.below=[1,2]"),
        ("model.hidden_size_2=3", "model.hidden_size"),
        ("hidden_size=3", "model.hidden_size"),
        ("model.hidden_size", "model.hidden_size"),
    ],
)
def test_a_key_is_shown_with_what_the_command_line_gave_it(argument: str, shown: str) -> None:
    assert override_of("model.hidden_size", ["seeds=3", argument]) == shown


def test_choices_are_files_of_a_group_and_of_folders_in_it() -> None:
    assert choice_names("trainer") == ["default"]
    assert choice_names("sweep") == ["inverse", "post0", "posts", "regression", "remember"]
    assert choice_names("experiment")[0] == "controls/dense_readout"
    assert choice_names("seeds") == choice_names("") == []


def test_an_error_of_a_users_own_code_is_named_with_its_place(tmp_path: Path) -> None:
    code = compile("\n\nraise KeyError('k')\n", str(tmp_path / "mine.py"), "exec")
    with pytest.raises(KeyError) as caught:
        exec(code)
    assert reason(caught.value) == f"{tmp_path}/mine.py, line 3: KeyError: 'k'"


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("task/bad.yaml", b"\xff", "cannot be read: 'utf-8' codec can't decode byte"),
        ("model/lstm.yaml", b"hidden_size: 3\n", "seqprobe has a choice of this name, which wins: choose another"),
    ],
)
def test_a_file_that_would_be_passed_over_is_refused(file: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InvalidValue, match=message):
        compose_config([], tmp_path)
