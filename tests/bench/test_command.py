"""`make bench` measures, records and writes its page; a wrong call costs one line and leaves nothing behind."""

from __future__ import annotations

import io
import shlex
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from PIL import Image
from scripts import run_script

from seqprobe.bench import command
from seqprobe.bench.benchmark import Measurements
from seqprobe.bench.cost_page import BEGIN, END
from seqprobe.bench.ratios import BARE, COMMON
from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = pytest.mark.xdist_group("bench")

SHAPE = "rnn B2 T3 H4"
TINY = ["rounds=1", "seconds=0.01", "trainer.accelerator=cpu", "shapes=[{model: rnn, batch: 2, time: 3, hidden: 4}]"]
PAGE = f"# By people\n\n{BEGIN}\nold words\n{END}\n\nBelow, by people.\n"
SIZES = "model: rnn, batch: 1, time: 3, hidden: 4"
TRAINER_KEYS = "max_steps, val_every, log_every, reshuffle, gradient_clip, accelerator, precision"
ENGINES = "must be one of auto, stacked, looped"
LIST = "must be a list that is not empty"
RATIOS = "must be ratios by number of seeds, as {16: 15}, or null"

# The call (TMP is a fresh folder), the key with its value, what is allowed.
WRONG = [
    ("rounds=0", "rounds=0", "an integer >= 1"),
    ("rounds=1.5", "rounds=1.5", "an integer >= 1"),
    ("seconds=0", "seconds=0", "must be > 0"),
    ("seconds=nan", "seconds=nan", "a finite number"),
    ("seconds=long", "seconds=long", "a finite number"),
    ("seeds=3", "seeds=3", LIST),
    ("seeds=[]", "seeds=[]", LIST),
    ("'seeds=[0]'", "seeds=0", "an integer >= 1"),
    ("'seeds=[1,1]'", "seeds=[1,1]", "must not have duplicates"),
    ("engines=auto", "engines=auto", LIST),
    ("engines=[]", "engines=[]", LIST),
    ("'engines=[fast]'", "engines=fast", ENGINES),
    ("'engines=[auto,auto]'", "engines=[auto,auto]", "must not have duplicates"),
    ("shapes=[]", "shapes=[]", "must be a list of shapes"),
    ("shapes=3", "shapes=3", "must be a list of shapes"),
    ("'shapes=[3]'", "shapes[0]=3", "must be a shape"),
    ("'shapes=[{model: foo, batch: 1, time: 3, hidden: 4}]'", "shapes[0].model=foo", "rnn, lstm, gru"),
    ("'shapes=[{model: [rnn], batch: 1, time: 3, hidden: 4}]'", "shapes[0].model=[rnn]", "rnn, lstm, gru"),
    ("'shapes=[{model: rnn, batch: 0, time: 3, hidden: 4}]'", "shapes[0].batch=0", "an integer >= 1"),
    ("'shapes=[{model: rnn, batch: 1, time: 1, hidden: 4}]'", "shapes[0].time=1", "an integer >= 2"),
    ("'shapes=[{model: rnn, batch: 1, time: 3}]'", "shapes[0].hidden=null", "an integer >= 1"),
    (f"'shapes=[{{{SIZES}, foo: 1}}]'", "shapes[0].foo=1", "model, batch, time, hidden, goals, bare"),
    (f"'shapes=[{{{SIZES}, goals: 3}}]'", "shapes[0].goals=3", RATIOS),
    (f"'shapes=[{{{SIZES}, goals: {{x: 3}}}}]'", "shapes[0].goals=x", "an integer >= 1"),
    (f"'shapes=[{{{SIZES}, goals: {{16: x}}}}]'", "shapes[0].goals.16=x", "a finite number"),
    (f"'shapes=[{{{SIZES}, bare: text}}]'", "shapes[0].bare=text", "a finite number"),
    (f"'shapes=[{{{SIZES}}}, {{{SIZES}}}]'", "shapes=[rnn B1 T3 H4,rnn B1 T3 H4]", "must not have duplicates"),
    ("page=TMP/none/page.md", "page=TMP/none/page.md", "must be a file, or null"),
    ("page=TMP", "page=TMP", "must be a file, or null"),
    ("page=TMP/unmarked.md", "page=TMP/unmarked.md", BEGIN),
    ("trainer.foo=1", "trainer.foo=1", TRAINER_KEYS),
    ("trainer.val_every=0", "trainer.val_every=0", "an integer >= 1"),
    ("threads=0", "threads=0", "an integer >= 1"),
    ("threads=100000", "threads=100000", "in 1 … 1024"),
    ("tracking=server", "tracking.uri", "is required: set tracking.uri=…"),
    ("tracking.dir=TMP/page.md", "tracking.dir=TMP/page.md", "must be a folder that can be written"),
    ("foo=1", "foo=1", "shapes, seeds, engines, rounds, seconds, threads, profile, page"),
    ("+foo=1", "foo=1", "shapes, seeds, engines, rounds, seconds, threads, profile, page"),
    ("task=foo", "task=foo", "amplitude, hill_xy"),
    ("optimizer.lr=-1", "optimizer.lr=-1", "must be > 0"),
    ("models.rnn.init=foo", "models.rnn.init=foo", "torch, keras, identity, uniform"),
]


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    with warnings.catch_warnings():
        yield
    GlobalHydra.instance().clear()
    HydraConfig.instance().cfg = None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a tiny benchmark left a store and a page."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "docs").mkdir()
    (folder / "docs" / "page.md").write_text(PAGE)
    places = [f"page={folder}/docs/page.md", f"tracking.dir={folder}/store"]
    with warnings.catch_warnings():
        assert run_script("bench", [*TINY, "seeds=[1,2]", *places]) == 0
    return folder


class StoredPopulation:
    """The one run in the experiment ``bench``."""

    def __init__(self, folder: Path) -> None:
        store = EmbeddedStore(str(folder / "store"))
        self.client = store.client()
        experiments = self.client.search_experiments()
        self.experiments = {experiment.name for experiment in experiments}
        (self.run,) = self.client.search_runs([experiment.experiment_id for experiment in experiments])

    def bytes(self, path: str) -> bytes:
        return Path(self.client.download_artifacts(self.run.info.run_id, path)).read_bytes()


@pytest.fixture(scope="module")
def recorded(folder: Path) -> StoredPopulation:
    return StoredPopulation(folder)


def test_one_finished_run_holds_what_was_measured(recorded: StoredPopulation) -> None:
    assert recorded.experiments == {"Default", "bench"}
    assert recorded.run.info.status == "FINISHED"
    metrics = recorded.run.data.metrics
    sides = [("Lightning_one_seed", 1), ("bare_loop_one_seed", 1)]
    sides += [(engine, seeds) for engine in ("stacked", "looped", "compiled", "auto") for seeds in (1, 2)]
    assert set(metrics) == {f"ms/rnn_B2_T3_H4/{side}/{seeds}" for side, seeds in sides}
    assert all(ms > 0 for ms in metrics.values())
    assert {"rounds": "1", "threads": "1"}.items() <= recorded.run.data.params.items()
    assert "torch" in recorded.run.data.params["machine"]


def test_the_tables_rows_are_what_the_metrics_summarise(recorded: StoredPopulation) -> None:
    table = pd.read_csv(io.BytesIO(recorded.bytes("tables/measurements.csv")))
    assert list(table.columns) == ["shape", "side", "seeds", "round", "updates", "ms"]
    assert (len(table), set(table["shape"]), set(table["round"])) == (10, {SHAPE}, {0})
    assert table["updates"].min() >= 2
    for side, seeds, ms in zip(table["side"], table["seeds"], table["ms"], strict=True):
        name = side.replace(",", "").replace(" ", "_")
        assert recorded.run.data.metrics[f"ms/rnn_B2_T3_H4/{name}/{seeds}"] == pytest.approx(ms)


def test_the_config_and_the_figure_are_recorded(recorded: StoredPopulation) -> None:
    config = yaml.safe_load(recorded.bytes("config.yaml"))
    assert (config["rounds"], config["seeds"], config["seconds"]) == (1, [1, 2], 0.01)
    assert Image.open(io.BytesIO(recorded.bytes("figures/cost_per_seed.png"))).width > 600


def test_the_page_shows_what_was_recorded(folder: Path, recorded: StoredPopulation) -> None:
    said = (folder / "docs" / "page.md").read_text()
    before, _, rest = said.partition(BEGIN)
    measured, _, after = rest.partition(END)
    assert (before, after) == ("# By people\n\n", "\n\nBelow, by people.\n")
    assert "old words" not in measured
    blocks = measured.strip().split("\n\n")
    assert f"on {recorded.run.data.params['machine']}." in blocks[0]
    assert blocks[1] == "![Cost per seed against the number of seeds](images/page.png)"
    assert "\n\n".join([blocks[0], *blocks[2:]]) == recorded.bytes("benchmarks.md").decode()
    assert measured.count("\n### ") == 8
    assert measured.count(f"\n| {SHAPE}") == 1 + 2 + 4 + 2 + 1
    with Image.open(folder / "docs" / "images" / "page.png") as picture:
        assert picture.width > 600


def test_nothing_else_is_written(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["docs", "store"]
    assert sorted(path.name for path in (folder / "docs").rglob("*")) == ["images", "page.md", "page.png"]


@pytest.mark.parametrize(("seeds", "engines"), [("[1]", "[auto]"), ("[1]", "[looped]"), ("[2]", "[stacked,auto]")])
def test_some_engines_and_seeds_are_enough_and_a_page_is_not_needed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], seeds: str, engines: str
) -> None:
    call = [*TINY, f"seeds={seeds}", f"engines={engines}", "page=null", f"tracking.dir={tmp_path}/store"]
    assert run_script("bench", call) == 0, capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    sides = {name.split("/")[2] for name in StoredPopulation(tmp_path).run.data.metrics}
    assert sides == {"Lightning_one_seed", "bare_loop_one_seed", *engines.strip("[]").split(",")}
    out = capfd.readouterr().out
    assert all(name in out for name in (SHAPE, COMMON, BARE, "Open the UI: "))


def test_a_new_page_is_made_and_can_be_compared_with(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    call = [*TINY, "seeds=[1]", "engines=[looped]", "profile=false", f"tracking.dir={tmp_path}/store"]
    assert run_script("bench", [*call, f"page={tmp_path}/before.md"]) == 0, capfd.readouterr().err
    written = (tmp_path / "before.md").read_text()
    assert written.startswith(f"{BEGIN}\n\nMeasured by ")
    assert "(images/before.png)" in written
    assert "Where the time goes" not in written
    assert "### How far from the arithmetic floor" in written
    assert (tmp_path / "images" / "before.png").is_file()
    assert run_script("bench", [*call, "page=null", f"against={tmp_path}/before.md"]) == 0, capfd.readouterr().err
    assert "2 costs compared with before.md, as multiples of the bare loop's: " in capfd.readouterr().out


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ends every benchmark where it would begin."""
    begun: list[int] = []

    def never(config: object, done: Callable[[str], None]) -> Measurements:
        begun.append(1)
        raise RuntimeError("it was not refused")

    monkeypatch.setattr(command, "benchmark", never)
    return begun


@pytest.mark.parametrize(("call", "named", "allowed"), WRONG, ids=[call for call, *_ in WRONG])
def test_a_wrong_call_is_refused(
    call: str,
    named: str,
    allowed: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    unmeasured: list[int],
) -> None:
    (tmp_path / "page.md").write_text(PAGE)
    (tmp_path / "unmarked.md").write_text("by people alone")
    before = {path: path.read_text() for path in tmp_path.iterdir()}
    given, named = shlex.split(call.replace("TMP", str(tmp_path))), named.replace("TMP", str(tmp_path))
    places = [f"page={tmp_path}/page.md", f"tracking.dir={tmp_path}/store"]
    places = [place for place in places if place.partition("=")[0] not in call]
    assert run_script("bench", [*given, *places]) == 2, capfd.readouterr().err
    out, said = capfd.readouterr()
    (line,) = said.splitlines()
    assert line.startswith(f"error: {named}")
    assert allowed in line.partition(named)[2]
    assert (out, unmeasured) == ("", [])
    assert {path: path.read_text() for path in tmp_path.iterdir()} == before


def test_help_explains_and_measures_nothing(capfd: pytest.CaptureFixture[str], unmeasured: list[int]) -> None:
    assert run_script("bench", ["--help"]) == 0
    said = capfd.readouterr()
    assert "page=null" in said.out
    assert (said.err, unmeasured) == ("", [])
