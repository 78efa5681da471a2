"""Commands that are printed for the user: they work as printed in the shell of the command that prints them."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

from seqprobe.config.compose import quote_override
from seqprobe.config.places import CHECKOUT, resources
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.store import Store


def command_here(script: str, *arguments: str) -> str:
    """The command line that calls pipelines/<script>.py from the working directory."""
    return shlex.join([python_here(), path_here(resources("pipelines") / f"{script}.py"), *arguments])


def python_here() -> str:
    """What starts this Python in the shell: its name if that is enough, else its path."""
    return "python" if shutil.which("python") == sys.executable else path_here(Path(sys.executable))


def path_here(path: Path) -> str:
    """A path as it is shortest in the working directory, if it is below that."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def ui_command_here(store: Store) -> str:
    """How to see what is in a store: a server's address, or the command that starts the UI."""
    if not isinstance(store, EmbeddedStore):
        return store.ui_command()
    if store.ui_command() == "make ui" and Path.cwd() == store.folder.parent == CHECKOUT:
        return "make ui"
    folder = str(store.folder)
    quoted = folder if re.fullmatch(r"[\w/.-]+", folder, re.ASCII) else quote_override(folder)
    return command_here("ui", f"tracking.dir={quoted}")
