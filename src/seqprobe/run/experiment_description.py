"""The description on an MLflow experiment's page: the task, and how to view its runs."""

from __future__ import annotations

import html
import inspect

from seqprobe.checks import printable
from seqprobe.config.choices import summary
from seqprobe.config.places import resources
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import PROBE_IMAGES
from seqprobe.scoring import BANDS, MetricName
from seqprobe.tasks import Task
from seqprobe.tracking.stores.shared_view import shared_view

UI_HINTS = (
    "A run is a population: its numbers are medians over its seeds, which are the runs below it.",
    "*Views* → *Scores and probe figures* leaves the columns that matter; its chart view has the probe figures of the"
    " runs side by side.",
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
    return "\n\n".join([html.escape(printable(sentence.splitlines()[0]), quote=False), *UI_HINTS])


def experiment_view(experiment: Experiment) -> dict[str, str]:
    """The tag with the view of an experiment: the validation's main score and those of all probes, band by band."""
    main = experiment.task.main_score
    scores = {name: (probe.main_score or main).name for name, probe in experiment.probes.items()}
    probed = [MetricName("probe", score, name, band=band) for name, score in scores.items() for band in ("", *BANDS)]
    names = map(str, [MetricName("val", main.name), *probed])
    return shared_view(list(names), [f"{PROBE_IMAGES}/{name}" for name in experiment.probes])
