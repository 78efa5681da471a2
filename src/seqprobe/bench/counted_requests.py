"""A command with clocks around its phases and its requests counted: `python -m seqprobe.bench.counted_requests …`.

The arguments are those of `seqprobe.bench.phase_clocks`; the number of requests is in the file ``requests`` of FOLDER.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests

from seqprobe.bench import phase_clocks

FILE = "requests"


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit code."""
    send, sent = requests.Session.send, list[str]()

    def counted_send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        sent.append(str(request.url))
        return send(session, request, **options)

    with patch.object(requests.Session, "send", counted_send):
        code = phase_clocks.main(arguments)
    (Path(arguments[0]) / FILE).write_text(str(len(sent)))
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
