"""Overrides that concern a task's probes: runs that differ in these alone are compared by what they share."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

OF_PROBES = re.compile(r"(?P<sign>[+~]*)(?P<added>probe@)?task\.probes(?:\.(?P<name>[^.=\s]+))?(?P<rest>[.=]|$)")
"""``+probe@task.probes.x=amplitude``, ``task.probes.x.values=[1,2]``, ``~task.probes.x``, ``~task.probes``."""


def comparable_overrides(by_run: Iterable[Collection[str]]) -> set[str]:
    """Overrides of probes with which runs of a task stay comparable.

    A probe that some runs lack says nothing against comparing the others' scores. One that runs have in different
    forms, at other values say, does: its scores have the same name and another meaning.

    Args:
        by_run: the overrides of each run.
    """
    runs = [probe_forms(overrides) for overrides in by_run]
    names = dict.fromkeys(name for forms in runs for name in forms)
    allowed = set[str]()
    for name in names:
        stated = [forms[name] for forms in runs if name in forms]
        present = [form for form in stated if not is_removal(form)]
        is_added = any(override.startswith("+") for form in present for override in form)
        if len(stated) < len(runs) and not is_added:
            present.append(frozenset())  # the runs without such an override have the probe as the task states it
        if len(set(present)) <= 1:
            allowed.update(*stated)
    return allowed


def probe_forms(overrides: Collection[str]) -> Mapping[str, frozenset[str]]:
    """A run's overrides of each probe, by the probe's name; of all probes together, by an empty one."""
    forms: dict[str, set[str]] = {}
    for override in overrides:
        match = OF_PROBES.match(override)
        if match:
            forms.setdefault(match["name"] or "", set()).add(override)
    return {name: frozenset(stated) for name, stated in forms.items()}


def is_removal(form: Collection[str]) -> bool:
    """Whether overrides of a probe remove it: ``~task.probes.x``."""
    return all(override.startswith("~") for override in form)


def added_probes(overrides: Collection[str]) -> int:
    """By how many probes a run has more than its task states."""
    forms = probe_forms(overrides).values()
    added = sum(any(override.startswith("+") for override in form) for form in forms)
    return added - sum(map(is_removal, forms))
