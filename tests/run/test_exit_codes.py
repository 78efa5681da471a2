"""How commands end where the shell, or code that a config names, does something unusual."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from scripts import ROOT

from seqprobe.failure import JobFailed
from seqprobe.interrupts import refused_exits
from seqprobe.run.exit_codes import BROKEN_PIPE, exit_code
from seqprobe.run.help_text import wrap_help


def call(script: str, shell: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell in which ``$script`` calls a pipeline."""
    command = f'"{sys.executable}" "{ROOT}/pipelines/{script}.py"'
    line = shell.replace("$script", command)
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=folder)


def test_output_that_nobody_reads_ends_a_command_quietly(tmp_path: Path) -> None:
    done = call("list", "$script | true; echo ${PIPESTATUS[0]}", tmp_path)
    assert (done.stdout, done.stderr) == (f"{BROKEN_PIPE}\n", "")


CLOSED = """
import os, sys
from seqprobe.run.exit_codes import exit_code

code = exit_code(lambda: print("unread"), [])
with open("kept", "w") as file:
    print(code, file.fileno() > 2, {os.readlink(f"/proc/self/fd/{number}") for number in range(3)}, file=file)
"""


def test_closed_standard_streams_go_nowhere(tmp_path: Path) -> None:
    subprocess.run(["bash", "-c", '"$0" -c "$1" <&- >&- 2>&-', sys.executable, CLOSED], cwd=tmp_path, check=True)
    assert (tmp_path / "kept").read_text() == "0 True {'/dev/null'}\n"


def test_characters_that_an_encoding_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    assert exit_code(lambda: print("sine · rnn"), []) == 0
    assert written.getvalue() == rb"sine \xb7 rnn" + b"\n"


@pytest.mark.parametrize("script", ["list", "compare", "ui"])
def test_a_deleted_working_directory_is_one_line(script: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    done = call(script, f"mkdir {gone}; cd {gone}; rmdir {gone}; $script", tmp_path)
    expected = f"error: {gone} was deleted: change to another folder and call the command there\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", expected)


def test_code_that_ends_the_process_is_named() -> None:
    with pytest.raises(JobFailed) as caught, refused_exits():
        sys.exit(0)
    line = next(number for number, text in enumerate(Path(__file__).read_text().splitlines(), 1) if "exit(0)" in text)
    assert str(caught.value) == (
        f"{__file__}, line {line}: this code ends the process (SystemExit: 0); let it raise an error"
    )


def test_the_exit_of_a_signal_passes() -> None:
    with pytest.raises(SystemExit), refused_exits():
        sys.exit(143)


def test_help_is_wrapped_below_its_texts_and_commands_stay_whole() -> None:
    text = "task: one, two, three, four\n\n  seeds  how many there are of them\n  python train.py task=sine model=lstm"
    assert wrap_help(text, 30).splitlines() == [
        "task: one, two, three, four",
        "",
        "  seeds  how many there are of",
        "         them",
        "  python train.py task=sine model=lstm",
    ]
    assert wrap_help(text, 24).splitlines()[:2] == ["task: one, two, three,", "    four"]
