"""The files of a user's ``--config-dir``."""

from __future__ import annotations

from pathlib import Path

from seqprobe.checks import InvalidValue, single_line
from seqprobe.config.choices import GROUPS
from seqprobe.config.places import resources


def check_readable_files(config_dir: Path | None) -> None:
    """Refuse files of a user's folder that are none, or not UTF-8, or that would be passed over.

    Raises:
        InvalidValue: there is such a file.
    """
    groups = [] if config_dir is None else [config_dir / group for group in GROUPS]
    for path in (path for group in groups for path in sorted(group.rglob("*.yaml"))):
        if path.exists() and not path.is_file():  # opening a pipe would wait for ever
            raise InvalidValue("--config-dir", path, "must be a file")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise InvalidValue("--config-dir", path, f"cannot be read: {single_line(problem)}") from problem
        hiding = resources("conf") / path.relative_to(config_dir or path)
        if hiding.is_file() and hiding.read_text(encoding="utf-8") != text:
            raise InvalidValue("--config-dir", path, "seqprobe has a choice of this name, which wins: choose another")
