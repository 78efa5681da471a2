"""The saved view of an experiment in MLflow's pages: the columns of its table of runs, and its charts.

The *Views* menu lists what experiment tags hold. The format is that of MLflow's own saved views: an envelope with a
name and times, whose state is the page's own, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlencode

VIEW = "seqprobe"
"""The key of the view, in the tag's name and in addresses."""
VIEW_TAG = f"mlflow.sharedViewState.{VIEW}"
VIEW_NAME = "Scores and probe figures"
PARAMS = ("model", "preset", "overrides", "seeds")
"""Params that have a column; MLflow leaves out those that no run has."""
PARAM_WIDTH, LETTER_WIDTH = 100, 8
"""Of columns, and of a letter of a metric's name, in pixels: in MLflow's own columns, most names are cut off."""
SECTION = "probe-figures"
CARD_HEIGHT = 640
"""Of the probe figures, in pixels: two of them fit."""
TRAINING_PAGES = {"workflowType": "machine_learning"}
"""Without it, MLflow shows a new user the pages for language models, on which there are no runs."""


def shared_view(metrics: Sequence[str], images: Sequence[str]) -> dict[str, str]:
    """The experiment tag with a view.

    Args:
        metrics: names of those that have a column; those that no run has are left out.
        images: keys of the images that the chart view shows, a row for each and a column for each run.
    """
    widths = {f"params.`{name}`": PARAM_WIDTH for name in PARAMS}
    widths |= {f"metrics.`{name}`": max(PARAM_WIDTH, LETTER_WIDTH * len(name)) for name in metrics}
    chart = {
        "uuid": "probe-figures-chart",
        "type": "IMAGE",
        "runsCountToCompare": 10,
        "metricSectionId": SECTION,
        "deleted": False,
        "isGenerated": False,
        "displayName": "Probe figures",
        "imageKeys": list(images),
        "step": 0,
        "showRunParams": False,
    }
    section = {
        "uuid": SECTION,
        "name": "Probe figures",
        "display": True,
        "isReordered": True,
        "deleted": False,
        "isGenerated": False,
        "columns": 1,
        "cardHeight": CARD_HEIGHT,
    }
    state = {
        "selectedColumns": list(widths),
        "columnOrder": list(widths),
        "columnWidths": widths,
        "compareRunCharts": [chart] if images else [],
        "compareRunSections": [section] if images else [],
        "isAccordionReordered": True,
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
    }
    envelope = {"name": VIEW_NAME, "createdAt": 0, "updatedAt": 0, "state": json.dumps(state)}
    return {VIEW_TAG: json.dumps(envelope)}


def runs_address(base: str, experiment: str, has_view: bool) -> str:
    """The address of an experiment's runs in the pages at ``base``, which a new browser can open."""
    view = {"viewStateShareKey": VIEW} if has_view else {}
    return f"{base}/#/experiments/{experiment}/runs?{urlencode({**TRAINING_PAGES, **view})}"


def run_address(base: str, experiment: str, run: str) -> str:
    """The address of a run's page in the pages at ``base``, which a new browser can open."""
    return f"{base}/#/experiments/{experiment}/runs/{run}?{urlencode(TRAINING_PAGES)}"
