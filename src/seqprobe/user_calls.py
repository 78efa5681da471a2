"""Calls of the user's own code: which code that is, errors with their file and line, and no trace in random streams."""

from __future__ import annotations

import random
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqprobe.checks import NO_VALUE, InvalidValue, single_line

INSTALLED = [Path(sysconfig.get_path(key)).resolve() for key in ("stdlib", "platstdlib", "purelib", "platlib")]
"""Where Python keeps its own modules and installed packages."""
PACKAGES = {"site-packages", "dist-packages"}
"""What folders of installed packages are called, such as those of other environments and of Debian."""
SEQPROBE = Path(__file__).resolve().parent
PIPELINES = SEQPROBE.parents[1] / "pipelines"


def is_users(path: Path) -> bool:
    """Whether a source file belongs neither to seqprobe, nor to Python, nor to an installed package."""
    folders = path.resolve().parents
    return not any(folder in folders for folder in (SEQPROBE, *INSTALLED)) and not PACKAGES & {*path.parts}


def is_users_class(made: object) -> bool:
    """Whether an object's class is neither seqprobe's nor torch's."""
    return type(made).__module__.partition(".")[0] not in ("seqprobe", "torch")


def user_place(problem: BaseException) -> str:
    """The innermost line of the user's own code that an error passed through, ``file.py, line 3``; empty for none."""
    frames = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if not frame.filename.startswith("<")
        and is_users(Path(frame.filename))
        and PIPELINES not in Path(frame.filename).resolve().parents
    ]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else ""


@contextmanager
def user_call(subject: str, called: str, *passed: type[Exception]) -> Iterator[None]:
    """Call the user's own code for a check: what it raises names the file and the line in one line of text.

    Global random generators are afterwards as they were, whatever the code draws from them.

    Args:
        subject: what messages begin with: ``task running_mean``.
        called: the function: ``sample``.
        passed: errors that are left as they are.

    Raises:
        InvalidValue: the code raised anything.
    """
    import numpy as np  # here, for the command line reads errors of users' code without either
    import torch

    numpy_state, python_state = np.random.get_state(), random.getstate()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    except Exception as problem:
        if isinstance(problem, (InvalidValue, *passed)):
            raise
        raise wrong_result(subject, f"{called} failed: {error_words(problem)}") from problem
    finally:
        np.random.set_state(numpy_state)
        random.setstate(python_state)


def error_words(problem: BaseException) -> str:
    """An error in one line, with the file and the line of the user's code that raised it."""
    place = user_place(problem)
    return f"{type(problem).__name__}: {single_line(problem)}"[:400] + (f" ({place})" if place else "")


def wrong_result(subject: str, words: str) -> InvalidValue:
    """The error of a result that cannot be used: ``task bad: sample gave inputs (100, 10), expected …``."""
    return InvalidValue(subject, NO_VALUE, words)


def described(value: object) -> str:
    """A result in a message: the shape of a tensor or an array, else its type."""
    if hasattr(value, "shape"):
        return f"{tuple(value.shape)}"
    return "None" if value is None else f"a {type(value).__name__}"
