"""The description on an MLflow experiment's page: the task, and how to view its runs."""

from __future__ import annotations

import inspect

from seqprobe.config.choices import summary
from seqprobe.config.places import resources
from seqprobe.tasks import Task

UI_HINTS = (
    "A run is a population: its numbers are medians over its seeds, which are the runs below it.",
    "All seeds, by model: in the chart view group by the tag `seqprobe.kind` and the param `model`; a line is then the"
    " mean of a group and the band around it reaches from the least to the greatest.",
    "`^(train|val)/` in the chart view's own search box leaves the learning curves, `^fit$` the fit on the way.",
)


def experiment_text(name: str, task: Task) -> str:
    """The description of a task's experiment, in Markdown.

    Args:
        name: the task's choice in the config.
    """
    file = resources("conf") / "task" / f"{name}.yaml"
    sentence = summary(file).partition(" python ")[0] if file.exists() else inspect.getdoc(type(task)) or task.name
    return "\n\n".join([sentence.splitlines()[0], *UI_HINTS])
