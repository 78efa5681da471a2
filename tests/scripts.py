"""Call the pipelines as a user does, in this process or in one of their own."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[1]


def run_script(name: str, arguments: Sequence[str]) -> int:
    """Run pipelines/<name>.py with ``arguments`` and return its exit code; process-wide state is put back."""
    handlers = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    path, environment = list(sys.path), dict(os.environ)
    try:
        with mock.patch.object(sys, "argv", [f"{name}.py", *arguments]):
            runpy.run_path(str(ROOT / "pipelines" / f"{name}.py"), run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
        forget_modules([Path(folder) for folder in sys.path if folder not in path])
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(environment)
    return 0


def forget_modules(folders: Sequence[Path]) -> None:
    """Let the next call import modules of these names anew: it may have others in another folder."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and any(folder in Path(file).parents for folder in folders):
            del sys.modules[name]


def script_command(name: str, *arguments: str) -> list[str]:
    """The command that runs pipelines/<name>.py."""
    return [sys.executable, str(ROOT / "pipelines" / f"{name}.py"), *arguments]


@contextmanager
def started_script(
    name: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """pipelines/<name>.py in a session of its own, which is killed at the end if it is there still.

    Ctrl-C reaches it, even where whoever runs the tests ignores it.

    Args:
        environment: variables that it has besides those of this process.
    """
    process = subprocess.Popen(
        script_command(name, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | dict(environment or {}),
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
