"""What pipelines/sweep.py does: compose every request of the sweep, run them all, then compare what they recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqprobe.config.multirun import LauncherChoice

PARTS = ("sweep=posts", "sweep=inverse")
"""What runs by default: all tasks with the default models, then models that suit only some tasks."""


def sweep(overrides: Sequence[str], config_dir: Path | None = None) -> None:
    """Train what the overrides describe, then print and write the comparison.

    All requests are composed before the first one runs, so that a wrong one costs nothing and editing a YAML
    meanwhile changes nothing.

    Raises:
        InvalidValue: the overrides do not fit; nothing is trained.
        JobFailed: some runs failed, or the store was unavailable at the end.
    """
    from seqprobe.commands.sweep_summary import print_closing
    from seqprobe.failure import JobFailed
    from seqprobe.run.messages import undelivered_message
    from seqprobe.run.pool import run_requests
    from seqprobe.run.pools.pool_choice import make_pool
    from seqprobe.run.request import compose_all
    from seqprobe.run.sweep_name import sweep_id

    name = sweep_id()
    override_lists, launcher = list_runs([*overrides, f"names.sweep={name}"], config_dir)
    pool = make_pool(launcher)
    requests = compose_all(override_lists, config_dir, pool.prepare)
    results = run_requests(requests, pool)
    undelivered = [result.outcome.undelivered for result in results if result.outcome and result.outcome.undelivered]
    try:
        print_closing(name, overrides, requests, results)
    except Exception:
        if not undelivered:  # else the store is still unavailable, which the message below says
            raise
    if undelivered:
        raise JobFailed(undelivered_message(undelivered, requests[0].composition.config["tracking"]))
    failed = sum(result.error is not None for result in results)
    if failed:
        raise JobFailed(f"{failed} of {len(results)} runs failed; run the same command again to repeat them")


def list_runs(overrides: Sequence[str], config_dir: Path | None) -> tuple[list[Sequence[str]], LauncherChoice]:
    """The overrides of every run, and where they run.

    Without ``sweep=`` or ``experiment=`` these are the runs of `PARTS`; a ``task=`` or ``model=`` replaces what the
    parts list, so that the first part is enough.

    Raises:
        InvalidValue, HydraException: the overrides do not fit.
    """
    from seqprobe.config.multirun import expand_multirun

    keys = {override.partition("=")[0] for override in overrides}
    parts = [[]] if keys & {"sweep", "experiment"} else [[part] for part in PARTS]
    if keys & {"task", "model"}:
        parts = parts[:1]
    multiruns = [expand_multirun([*part, *overrides], config_dir) for part in parts]
    return [overrides for multirun in multiruns for overrides in multirun.override_lists], multiruns[0].launcher
