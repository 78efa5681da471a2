"""The name by which the runs of one sweep are found again."""

from __future__ import annotations

import os
import time


def sweep_id() -> str:
    """An identifier that no other sweep has; all are equally long, so that none contains another."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid():07d}"
