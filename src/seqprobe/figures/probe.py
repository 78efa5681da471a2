"""What trained members make of curves they were not trained on.

A reader should see where prediction leaves truth, and whether that is outside the training range.
"""

from __future__ import annotations

Range = tuple[float, float]
