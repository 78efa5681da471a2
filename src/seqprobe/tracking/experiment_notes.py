"""What an experiment is about, as its page in MLflow says."""

from __future__ import annotations

from seqprobe.tracking.stores.experiment_pages import NOTE
from seqprobe.tracking.stores.store import Store


def experiment_note(store: Store, experiment: str) -> str:
    """The first paragraph of an experiment's description; empty where there is none."""
    return store.tags_of_experiment(experiment).get(NOTE, "").partition("\n\n")[0].strip()
