"""A run that is no training: what a command found, kept beside the trainings."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seqprobe.scoring import Tag
from seqprobe.tracking import provenance
from seqprobe.tracking.stores.experiment_pages import NOTE
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

MAX_NOTE = 8000
"""The longest tag of a run that MLflow accepts."""


def record_command_run(
    store: Store,
    experiment: str,
    name: str,
    kind: str,
    params: Mapping[str, object],
    metrics: Mapping[str, float],
    figures: Mapping[str, Figure],
    tables: Mapping[str, pandas.DataFrame],
    texts: Mapping[str, str],
    note: str = "",
) -> str:
    """Write a finished run into an experiment; its id.

    Args:
        kind: its tag ``seqprobe.kind``.
        texts: artifact paths and contents.
        note: the description of the run, in Markdown, and of the experiment: the latest run's.
    """
    client = store.client()
    tags = {**provenance.run_tags(), Tag.KIND: kind, **({NOTE: note[:MAX_NOTE]} if note else {})}
    page = store.experiment_id(experiment)
    run = str(client.create_run(page, run_name=name, tags=tags).info.run_id)
    status = "FAILED"
    try:
        for key, value in params.items():
            client.log_param(run, key, value)
        for key, number in metrics.items():
            client.log_metric(run, key, number)
        for key, figure in figures.items():
            client.log_figure(run, figure, f"figures/{key}.png")
        for key, table in tables.items():
            client.log_text(run, table.to_csv(index=False), f"tables/{key}.csv")
        with tempfile.TemporaryDirectory() as folder:
            for path, text in texts.items():
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            client.log_artifacts(run, folder)
        if note:
            client.set_experiment_tag(page, NOTE, note[:MAX_NOTE])
        status = "FINISHED"
    finally:
        client.set_terminated(run, status)
    return run
