"""A command with clocks around its phases and its requests counted: `python -m seqprobe.bench.counted_requests …`.

The arguments are those of `seqprobe.bench.phase_clocks`; the file ``requests`` of FOLDER has the number of each kind.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import requests

from seqprobe.bench import phase_clocks

FILE = "requests"
KINDS = {
    "records": "/seqprobe/records",
    "opening runs": "/seqprobe/runs",
    "lease": "/registered-models/",
    "searches": ("/experiments/search", "/runs/search"),
    "making the experiment": "/experiments/",
}
"""What is part of the path of a request, by its kind; the first that fits counts."""
OTHER = "reading"
"""What a training reads of others: the archives of members that it takes over."""


def request_kind(url: str) -> str:
    """The kind of a request."""
    path = urlsplit(url).path
    parts = {kind: (part,) if isinstance(part, str) else part for kind, part in KINDS.items()}
    return next((kind for kind, some in parts.items() if any(part in path for part in some)), OTHER)


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit code."""
    send, sent = requests.Session.send, Counter[str]()

    def counted_send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        sent[request_kind(str(request.url))] += 1
        return send(session, request, **options)

    with patch.object(requests.Session, "send", counted_send):
        code = phase_clocks.main(arguments)
    (Path(arguments[0]) / FILE).write_text(json.dumps(sent))
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
