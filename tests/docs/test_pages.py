"""What the pages show works as it stands there: commands compose, messages are what is printed, files exist."""

from __future__ import annotations

import re
from importlib.util import find_spec
from itertools import dropwhile
from pathlib import Path

import pytest
from documents import NAMES, Shown, commands, consoles, text
from scripts import ROOT, run_script

from seqprobe.run.request import compose

COMMANDS = [words for name in NAMES for words in commands(name)]
COMPOSED = [f"pipelines/{script}.py" for script in ("train", "sweep", "example")]
ELSEWHERE = ("--help", "--config-dir", "sweep=", "tracking=server", "hydra/launcher=")
"""Parts of commands that compose no single training here."""
TRAININGS = [
    words[2:]
    for words in COMMANDS
    if words[0] == "python" and words[1] in COMPOSED and not any(word.startswith(ELSEWHERE) for word in words)
]
SHOWN = [shown for name in NAMES for shown in consoles(name)]
REFUSED = [shown for shown in SHOWN if shown.output and shown.output[0].startswith("error: ")]
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
PATH = re.compile(r"`((?!my_conf/|mlruns/|tables/)[\w./-]+/[\w.-]+\.(?:py|j2|yaml|md|csv|lock))`")


def single_choices(arguments: list[str]) -> list[str]:
    """A multirun's overrides with the first of several choices."""
    return [re.sub(r"^(task|model)=(\w+),.*", r"\1=\2", argument) for argument in arguments if argument != "-m"]


def test_there_are_trainings_and_wrong_calls_to_check() -> None:
    assert len(TRAININGS) >= 15
    assert REFUSED


@pytest.mark.parametrize("arguments", TRAININGS, ids=" ".join)
def test_a_training_builds_what_it_says(arguments: list[str], tmp_path: Path) -> None:
    request = compose([*single_choices(arguments), f"tracking.dir={tmp_path}"])
    name = "rooms" if "task=table" in arguments else request.composition.config["names"]["task"]  # after its file
    assert request.experiment.task.name == name


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_exists(words: list[str]) -> None:
    words = list(dropwhile(lambda word: re.match(r"[A-Z_]+=", word), words))  # variables of the environment
    if words[0] == "make":
        assert words[1] in TARGETS
    elif words[:2] == ["python", "-m"]:
        assert find_spec(words[2]) is not None
    elif words[0] in ("export", "ray"):  # the shell's; Ray's own
        assert len(words) > 1
    elif words[0] == "python":
        assert (ROOT / words[1]).is_file()
    else:
        assert words[:2] == ["source", ".venv/bin/activate"]


@pytest.mark.parametrize("shown", REFUSED, ids=lambda shown: " ".join(shown.arguments))
def test_a_wrong_call_prints_the_message_shown(shown: Shown, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_script(Path(shown.arguments[1]).stem, shown.arguments[2:]) == 2
    assert capfd.readouterr().err.splitlines() == shown.output


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_is_named_exists(name: str) -> None:
    places = (ROOT, ROOT / "src/seqprobe")
    assert [path for path in PATH.findall(text(name)) if not any((place / path).exists() for place in places)] == []


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_at_most_120_columns_outside_generated_parts(name: str) -> None:
    written = re.sub(r"<!-- (\w+): begin -->.*?<!-- \1: end -->", "", text(name), flags=re.DOTALL)
    assert [line for line in written.splitlines() if len(line) > 120 and not line.startswith("|")] == []


def test_names_in_the_architecture_are_in_the_files_beside_them() -> None:
    places = re.findall(r"`([\w/]+\.py)` \(([^)]+)\)", text("docs/architecture.md"))
    named = [(file, name) for file, names in places for name in re.findall(r"`([\w.]+)`", names)]
    assert ("learning/module.py", "training_state") in named
    sources = {file: (ROOT / "src/seqprobe" / file).read_text(encoding="utf-8") for file, _ in places}
    missing = [
        (file, name)
        for file, name in named
        for part in name.split(".")
        if not re.search(rf"\b(def|class) {part}\b|^[ \w,]*\b{part}\b.* = ", sources[file], re.MULTILINE)
    ]
    assert missing == []
