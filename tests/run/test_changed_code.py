"""A change in a user's module that makes a finished run train again is named with its file."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from documents import write_examples
from scripts import forget_modules

from seqprobe.config.places import resources
from seqprobe.run.changed_code import changed_code_notice
from seqprobe.run.request import compose
from seqprobe.run.run_description import DATA_FILES
from seqprobe.scoring import Tag

ROOMS = resources("conf") / "data/rooms.csv"
PARAMS = {"task": "running_mean", "model": "leaky_rnn"}


class Recorded:
    """A store with one finished run and the source files that it recorded."""

    def __init__(self, sources: dict[str, bytes]) -> None:
        self.sources = sources
        tags = {Tag.TRAINING: "another"}
        self.run = SimpleNamespace(run_id="abc", name="leaky_rnn · 2 seeds", started=1, params=PARAMS, tags=tags)

    def search(self, wanted: object) -> list[Any]:
        return [self.run]

    def artifact(self, run_id: str, path: str) -> bytes | None:
        assert run_id == "abc"
        return self.sources.get(path.removeprefix("source/"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (b"", None),
        (b"\n# a comment\n", None),
        (b"\nX = 1\n", "leaky_rnn.py"),
        (None, "leaky_rnn.py"),
    ],
)
def test_the_file_that_changed_is_named(
    change: bytes | None, named: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_examples("docs/extending.md", tmp_path)
    monkeypatch.syspath_prepend(folder)
    request = compose(["task=running_mean", "model=leaky_rnn", f"tracking.dir={tmp_path}/store"], folder)
    sources = {name: (folder / name).read_bytes() for name in ("running_mean.py", "leaky_rnn.py")}
    sources = {name: text for name, text in sources.items() if name != "leaky_rnn.py" or change is not None}
    if change is not None:
        sources["leaky_rnn.py"] += change
    fake: Any = SimpleNamespace(
        composition=request.composition, identity=request.identity, store=(store := Recorded(sources))
    )
    expected = f"Training again: {named} changed since leaky_rnn · 2 seeds (abc) was trained."
    assert changed_code_notice(fake) == (expected if named else None)
    store.run.tags[Tag.TRAINING] = request.identity.training_hash
    assert changed_code_notice(fake) is None
    forget_modules([folder])


def test_a_data_file_that_changed_is_named(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text(ROOMS.read_text())
    overrides = ["task=rooms", f"task.path={tmp_path}/rooms.csv", f"tracking.dir={tmp_path}/store"]
    before = compose(overrides)
    assert [name for name, _ in before.identity.files] == ["rooms.csv"]
    (tmp_path / "rooms.csv").write_text(ROOMS.read_text().replace("14.09", "14.10", 1))
    request = compose(overrides)
    store = Recorded({DATA_FILES: before.description.texts[DATA_FILES].encode()})
    store.run.params = {"task": "rooms", "model": "lstm"}
    fake: Any = SimpleNamespace(composition=request.composition, identity=request.identity, store=store)
    expected = "Training again: rooms.csv changed since leaky_rnn · 2 seeds (abc) was trained."
    assert changed_code_notice(fake) == expected
    store.sources = {}  # as of runs of earlier versions
    assert changed_code_notice(fake) is None
