"""How a command ends: errors reduced to one line, and the exit codes."""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TextIO

from seqprobe.failure import JobFailed
from seqprobe.interrupts import ignore_signals, is_signals_exit

INTERRUPTED = 130
BROKEN_PIPE = 141
"""The exit code that the shell reports of a program whose output nobody reads any more, as in ``… | head``."""
RESUME = "Interrupted. Run the same command to resume; finished runs are skipped."


def exit_code(call: Callable[[], object], arguments: Sequence[str]) -> int:
    """Call a function and return the exit code; an error becomes one line, an interruption prints how to resume."""
    from seqprobe.run.messages import error_line

    open_standard_streams()
    try:
        check_working_directory()
        call()
        sys.stdout.flush()  # else an error of the last lines is noticed when Python ends
    except KeyboardInterrupt:
        ignore_signals()
        print(RESUME, file=sys.stderr)
        return INTERRUPTED
    except SystemExit as end:
        if is_signals_exit(end):
            ignore_signals()
            print(RESUME, file=sys.stderr)
        raise
    except BaseException as problem:  # some libraries' errors are no Exception: panics of those in Rust, say
        if isinstance(problem, BrokenPipeError) and (closed := unread_streams()):
            silence(closed)
            return BROKEN_PIPE
        if os.environ.get("HYDRA_FULL_ERROR") == "1":
            traceback.print_exc()
        message, code = error_line(problem, arguments)
        print(message, file=sys.stderr)
        return code
    return 0


def open_standard_streams() -> None:
    """Let closed standard streams go nowhere, and characters that their encodings lack be escaped.

    Python has None for a closed stream, and the next file that is opened takes its place: a database, say, into which
    messages of libraries would be written.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))
        elif number and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def check_working_directory() -> None:
    """Refuse to work in a folder that is deleted.

    Raises:
        JobFailed: it is.
    """
    try:
        os.getcwd()
    except OSError as problem:
        folder = os.environ.get("PWD", "the working directory")
        raise JobFailed(f"{folder} was deleted: change to another folder and call the command there") from problem


def unread_streams() -> list[TextIO]:
    """Standard output and error, where they are pipes that nobody reads any more."""
    streams = []
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a stream without a file, or a closed one
            poll = select.poll()
            poll.register(stream.fileno(), select.POLLOUT)
            if any(event & select.POLLERR for _, event in poll.poll(0)):
                streams.append(stream)
    return streams


def silence(streams: Sequence[TextIO]) -> None:
    """Let what is still written to streams go nowhere: Python flushes them when it ends."""
    for stream in streams:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
