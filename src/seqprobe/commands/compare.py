"""What pipelines/compare.py runs: check the options, select runs, and report on them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from seqprobe.checks import InvalidValue
from seqprobe.commands.changes_report import report_changes
from seqprobe.commands.compared_members import ComparedMembers
from seqprobe.commands.comparison_options import ComparisonOptions, check_names
from seqprobe.commands.comparison_report import write_report
from seqprobe.config.build import readable_store
from seqprobe.config.compose import compose_config
from seqprobe.reports.selection import select
from seqprobe.tracking.run_frames import StoredMembers


def compare(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Compare, write and record; return the number of tasks, or of models that are compared with an earlier sweep.

    Raises:
        InvalidValue: the overrides do not fit; nothing is written.
        JobFailed: models are worse than in the earlier sweep, or not finished.
    """
    plain = compose_config(overrides, config_dir, "compare").config
    store = readable_store(plain, config_dir)
    options = ComparisonOptions.parse(plain)
    flags = [] if config_dir is None else ["--config-dir", str(config_dir)]
    command = shlex.join(["python", "pipelines/compare.py", *flags, *overrides])
    if options.against is not None:
        return report_changes(store, options, command)
    members = StoredMembers.read(store, options.sweep)
    selected = selected_members(members, options)
    return write_report(ComparedMembers.read(members, selected), options.report, [command])


def selected_members(members: StoredMembers, options: ComparisonOptions) -> pd.DataFrame:
    """The members that the options select, a row each.

    Raises:
        InvalidValue: there are none, or no run has one of the names.
    """
    frame = members.runs()
    if not len(frame):
        place = options.sweep or members.store.uri
        raise InvalidValue("sweep_id" if options.sweep else "tracking", place, "has no runs")
    check_names(frame, options)
    selected = select(frame, options.tasks, options.models, options.earliest)
    if not len(selected):
        raise InvalidValue("since", options.since, "No selected run is that recent.")
    return selected
