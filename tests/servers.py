"""What tests need to know of a server that they started."""

from __future__ import annotations

import requests


def is_healthy(address: str) -> bool:
    """Whether an MLflow server answers at an address."""
    try:
        return requests.get(f"{address}/health", timeout=5).ok
    except requests.RequestException:
        return False
