"""The runs that a population is recorded to: opened, or those of an interrupted attempt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seqprobe.scoring import Tag
from seqprobe.tracking import provenance
from seqprobe.tracking.description import Description, sweep_tag
from seqprobe.tracking.process_identity import process_tags
from seqprobe.tracking.stores.store import Store


def open_runs(store: Store, description: Description, attempt: str, existing: Mapping[str, str]) -> Iterator[str]:
    """The id of the population's run, then those of its members' runs, each as soon as it is opened.

    Args:
        attempt: the name of this attempt, by which the runs are found again.
        existing: the runs that it has opened already, by name.
    """
    client, name, taken_over = store.client(), description.name, description.taken_over
    experiment = store.experiment_id(description.experiment, description.experiment_text)
    tags = {**provenance.run_tags(), **description.tags, Tag.ATTEMPT: attempt}
    count = f"{len(description.seeds)} seed{'s' if len(description.seeds) > 1 else ''}"

    def open_run(name: str, run_tags: Mapping[str, str]) -> str:
        if name not in existing:
            return str(client.create_run(experiment, run_name=name, tags={**tags, **run_tags}).info.run_id)
        before = client.get_run(existing[name]).data.tags
        again = sweep_tag(before, description.tags.get(Tag.SWEEP))
        for tag, value in {**process_tags(), **again}.items():
            client.set_tag(existing[name], tag, value)
        return existing[name]

    parent = open_run(f"{name} · {count}", {Tag.KIND: "population"})
    yield parent
    for seed in description.seeds:
        source = {Tag.TAKEN_OVER_FROM: taken_over[seed][0]} if seed in taken_over else {}
        yield open_run(f"{name} · seed {seed}", {Tag.PARENT: parent, Tag.KIND: "seed", **source})
