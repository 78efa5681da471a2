"""Which of the models that are compared were tuned, and how thoroughly."""

from __future__ import annotations

from collections import defaultdict

from seqprobe.reports.comparison import Comparison
from seqprobe.reports.wording import names_text


def tuned_lines(comparison: Comparison) -> list[str]:
    """Which models were tuned, and how thoroughly: ``gru and lstm: tuned, 30 trials each``; empty if none was."""
    names = defaultdict[str, list[str]](list)
    for variant in comparison.variants:
        names[variant.tuned].append(variant.name)
    if set(names) == {""}:
        return []
    return [
        f"{names_text(group)}: {f'tuned, {effort}' if effort else 'not tuned'}{' each' if effort and group[1:] else ''}"
        for effort, group in sorted(names.items(), reverse=True)
    ]
