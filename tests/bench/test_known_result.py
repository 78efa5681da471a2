"""A job that records a known result leaves in the store what the training left, as a population of its own."""

from __future__ import annotations

from pathlib import Path

from seqprobe.bench.known_result import numbered, train_once, without_training
from seqprobe.bench.store_load import Recorded, StoreLoad, load_row, timed_job
from seqprobe.run.request import compose
from seqprobe.scoring import Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore

TINY = ["task=line_xy", "model=rnn", "model.hidden_size=3", "engine=stacked", "seeds=2", "~task.probes"]
TINY += ["trainer.max_steps=4", "trainer.val_every=2"]


def test_a_known_result_is_recorded_as_if_it_was_trained(tmp_path: Path) -> None:
    request = compose([*TINY, f"tracking.dir={tmp_path / 'store'}"])
    known = train_once(request, tmp_path / "journal")
    with without_training(known):
        seconds = [timed_job(numbered(request, number)) for number in (1, 2)]
    assert all(one.end > one.begin and one.processor > 0 for one in seconds)
    store = EmbeddedStore(str(tmp_path / "store"))
    populations = store.search(RunFilter("population", "FINISHED"))
    assert len({run.tags[Tag.POPULATION] for run in populations}) == len(populations) == 3
    for run in populations:
        members = store.search(RunFilter("seed", "FINISHED", tags={Tag.PARENT: run.run_id}))
        first = store.search(RunFilter("seed", tags={Tag.PARENT: populations[0].run_id}))
        for one, other in zip([run, *members], [populations[0], *first], strict=True):
            assert store.metric_values(one.run_id) == store.metric_values(other.run_id)
            assert one.params == other.params
            assert [path.name for path in files(store, one.run_id)] == [p.name for p in files(store, other.run_id)]


def files(store: EmbeddedStore, run: str) -> list[Path]:
    return sorted(path for path in store.artifacts.glob(f"*/{run}/**/*") if path.is_file())


def test_a_row_has_the_rate_of_all_writers_and_the_worst_of_their_times() -> None:
    recorded = [Recorded(10.0, 11.0, 0.5), Recorded(10.5, 12.5, 0.7), Recorded(11.0, 14.0, 0.6)]
    assert load_row(StoreLoad(writers=2, populations=3, store="x"), 2, recorded) == {
        **{"store": "x", "writers": 2, "seeds": 2, "populations": 3, "per_second": 0.75},
        **{"median_seconds": 2.0, "worst_seconds": 3.0, "processor_seconds": (0.5 + 0.7 + 0.6) / 3},
    }
