"""Call the pipelines as a user does, but in this process."""

from __future__ import annotations

import os
import runpy
import signal
import sys
from collections.abc import Sequence
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
