"""The option ``since``: a date, or how long ago."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from seqprobe.checks import InvalidValue

UNITS = {"m": 60, "h": 3600, "d": 86400}
"""Seconds in each unit that ``since`` may have."""


def start_time(since: Any) -> pd.Timestamp | None:
    """The time that ``since`` states: a date, or how long ago; None for None.

    Raises:
        InvalidValue: it is neither.
    """
    if since is None:
        return None
    text = str(since)
    try:
        if text[-1:] in UNITS and text[:-1].replace(".", "", 1).isdigit():
            return pd.Timestamp.now("UTC") - pd.Timedelta(seconds=float(text[:-1]) * UNITS[text[-1]])
        return pd.Timestamp(datetime.fromisoformat(text).astimezone())
    except ValueError as problem:
        allowed = "must be a date such as 2026-11-20, or how long ago: 30m, 3h, 2d"
        raise InvalidValue("since", since, allowed) from problem
