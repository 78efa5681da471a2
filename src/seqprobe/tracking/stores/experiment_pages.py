"""A store's experiments, and what their pages in MLflow show beside the runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from seqprobe.tracking.stores.shared_view import VIEW_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient

TRAINING = {"mlflow.experimentKind": "custom_model_development"}
"""Makes the UI open an experiment as model training, not as GenAI."""
NOTE = "mlflow.note.content"
"""The tag that the UI shows as description, of a run or an experiment, in Markdown."""
MLFLOWS_OWN = "0"
"""The id of the experiment that MLflow makes in every store."""
PAGE = 1000
"""Most runs or experiments in one answer: MLflow's default."""


class ExperimentPage(NamedTuple):
    """An experiment, as it is listed.

    Attributes:
        has_view: whether it has the view of `seqprobe.tracking.stores.shared_view`.
    """

    name: str
    experiment_id: str
    has_view: bool


def experiment_tags(note: str, view: Mapping[str, str]) -> dict[str, str]:
    """What an experiment is tagged with."""
    return {**TRAINING, **({NOTE: note} if note else {}), **view}


def add_missing_tags(client: MlflowClient, experiment: Any, tags: Mapping[str, str]) -> None:
    """Tag an experiment with what it has not, as one of an earlier version; what a user has changed stays.

    Other processes may do the same at this moment, and the database refuses a tag that it has got since it was read.
    """
    from mlflow.exceptions import MlflowException

    for tag, value in tags.items():
        if tag not in experiment.tags:
            try:
                client.set_experiment_tag(experiment.experiment_id, tag, value)
            except MlflowException:
                if tag not in client.get_experiment(experiment.experiment_id).tags:
                    raise


def experiment_pages(client: MlflowClient) -> list[ExperimentPage]:
    """Every experiment but MLflow's own, by name."""
    return sorted(
        ExperimentPage(str(experiment.name), str(experiment.experiment_id), VIEW_TAG in experiment.tags)
        for experiment in search_experiments(client)
        if experiment.experiment_id != MLFLOWS_OWN
    )


def search_experiments(client: MlflowClient) -> list[Any]:
    """All experiments that are not deleted, as MLflow returns them."""
    return list(all_pages(lambda token: client.search_experiments(max_results=PAGE, page_token=token)))


def all_pages(page: Callable[[str | None], Any]) -> Iterator[Any]:
    """Everything that MLflow returns in pages.

    Args:
        page: called with None for the first page, then with the token that the page before it has.
    """
    token: str | None = None
    while token != "":
        items = page(token)
        yield from items
        token = items.token or ""
