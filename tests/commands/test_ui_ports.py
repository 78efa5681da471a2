"""`make ui` refuses ports on which nobody could open its pages, and folders without a store."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from seqprobe.checks import InvalidValue
from seqprobe.commands.ui import HOST, check_port, serve


@pytest.mark.parametrize(
    ("port", "reason"),
    [(0, "must be in 1 … 65535"), (65_536, "must be in 1 … 65535"), (5061, "browsers open no page there")],
)
def test_ports_that_no_browser_opens_are_refused(port: int, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        check_port(port)


def test_a_port_is_free_or_refused() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InvalidValue, match=r"is not available \(Address already in use\)"):
            check_port(port)
    check_port(port)


def test_a_mistyped_folder_stays_as_it_is(tmp_path: Path) -> None:
    """MLflow would make an empty store there, and show no runs."""
    mistyped = tmp_path / "mlrnus"
    with pytest.raises(InvalidValue, match=re.escape(f"tracking.dir={mistyped}: there is no store in this folder")):
        serve([f"tracking.dir={mistyped}"])
    assert list(tmp_path.iterdir()) == []
