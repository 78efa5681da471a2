"""Requests that only servers of seqprobe answer (`make server`), which take many records at once.

`seqprobe.tracking.batch_endpoint` is the server's side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ARCHIVES, ARCHIVE_TYPE, ARCHIVE_HEADER = "/seqprobe/records", "application/zip", "X-Seqprobe-Records"
"""Where archives of records are sent, as what, and the header of every answer by which such a server is known."""
RUNS, RUNS_AT_ONCE = "/seqprobe/runs", 500
"""Where the runs of a population are opened, and how many in one request."""
ARCHIVE_SECONDS = 120
"""How long it may take to write an archive."""


@dataclass(frozen=True)
class BatchRequests:
    """The requests to one server.

    Attributes:
        request: sends one; called with the method, the endpoint and further arguments.
    """

    request: Callable[..., Any]

    def send_archive(self, content: bytes) -> None:
        """Send an archive of records (`seqprobe.tracking.journal.batch_delivery`)."""
        from mlflow.utils.rest_utils import verify_rest_response

        headers = {"Content-Type": ARCHIVE_TYPE}
        response = self.request("POST", ARCHIVES, data=content, extra_headers=headers, timeout=ARCHIVE_SECONDS)
        verify_rest_response(response, ARCHIVES)

    def create_runs(self, experiment: str, runs: Sequence[tuple[str, Mapping[str, str]]]) -> Iterator[str]:
        """Open the run of a population and those of its members below it, by name and tags; yields their ids."""
        from mlflow.utils.rest_utils import verify_rest_response

        # Runs are listed by their start, so each gets one of its own.
        opened = [{"name": run[0], "tags": run[1], "started": start} for start, run in enumerate(runs, now())]
        parent: str | None = None
        for first in range(0, len(opened), RUNS_AT_ONCE):
            content = {"experiment": experiment, "runs": opened[first : first + RUNS_AT_ONCE], "parent": parent}
            response = self.request("POST", RUNS, json=content, timeout=ARCHIVE_SECONDS, max_retries=0)
            ids = verify_rest_response(response, RUNS).json()
            parent = parent or ids[0]
            yield from ids


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)
