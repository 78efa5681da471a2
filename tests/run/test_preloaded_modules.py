"""The fork server imports what the jobs of its sweep need, and no code of a user's own."""

from __future__ import annotations

import subprocess
import sys

from seqprobe.config.compose import plain_config
from seqprobe.run.preloaded_modules import COMPILING, JOBS, preloaded_modules


def test_modules_of_tasks_and_probes_are_loaded_and_llvm_where_an_engine_may_need_it() -> None:
    sine = plain_config("task=sine", "model=rnn", "engine=stacked")
    modules = preloaded_modules([sine, sine])
    assert modules[0] == JOBS
    assert {"seqprobe.tasks.curve_tasks", "seqprobe.probes.curve_probes"} < set(modules)
    assert len(set(modules)) == len(modules)
    assert COMPILING not in modules
    for engine in ("auto", "compiled"):
        assert COMPILING in preloaded_modules([sine, {**sine, "engine": engine}])


def test_llvm_is_loaded_before_the_first_job() -> None:
    code = f"import sys, {COMPILING}; sys.exit('llvmlite.binding' not in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_libraries_of_probes_are_loaded() -> None:
    assert "sklearn.linear_model" in preloaded_modules([plain_config("task=turnstile")])
    assert "sklearn.linear_model" not in preloaded_modules([plain_config("task=sine"), plain_config("task=sentence")])


def test_code_of_a_user_s_own_is_left_to_its_job() -> None:
    task = {"_target_": "my_tasks.Mine", "probes": {"own": {"_target_": "my_probes.Own"}}}
    assert preloaded_modules([{"task": task, "engine": "looped"}]) == [JOBS]


def test_every_module_can_be_imported() -> None:
    for name in preloaded_modules(plain_config(f"task={task}") for task in ("turnstile", "sentence")):
        __import__(name)
        assert name in sys.modules


def test_what_there_is_not_is_left_to_the_message_of_its_request() -> None:
    task = {"_target_": "seqprobe.tasks.missing.Task", "probes": {"own": {"_target_": "seqprobe.probes.Missing"}}}
    assert preloaded_modules([{"task": task, "engine": "looped"}]) == [
        JOBS,
        "seqprobe.probes",
        "seqprobe.tasks.missing",
    ]
