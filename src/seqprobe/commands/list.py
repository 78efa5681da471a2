"""What pipelines/list.py does: print what can be chosen, with a line each."""

from __future__ import annotations

from seqprobe.config.choices import GROUPS, choices


def print_choices() -> None:
    """Print every group with its choices."""
    for group, title in GROUPS.items():
        print(f"{title} ({group}=…)")
        summaries = choices(group)
        width = max(map(len, summaries))
        for name, line in summaries.items():
            print(f"  {name:<{width}}  {line}")
