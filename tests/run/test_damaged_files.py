"""Whatever is damaged in a workspace or in a run's files is named and set aside, and the same command goes on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from chaos.content import plain_name, runs
from mlflow.tracking._tracking_service import utils
from safetensors.numpy import load, save
from scripts import run_script

from seqprobe.learning.checkpoint import pack_state

pytestmark = pytest.mark.xdist_group("damaged files")
TRAIN = [
    "task=slope_intercept",
    "model=rnn",
    "model.hidden_size=3",
    "engine=stacked",
    "seeds=2",
    "trainer.max_steps=20",
    "trainer.val_every=10",
    "trainer.checkpoint_seconds=0",
    "task.probes=null",
]
FINISHED, FAILED = "FINISHED", "FAILED"
Damage = Callable[[Path], None]


def train(folder: Path, *overrides: str) -> int:
    return run_script("train", [*TRAIN, f"tracking.dir={folder}", *overrides])


@pytest.fixture(scope="module")
def failed_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a population that was trained to the end, and failed after that."""
    store = tmp_path_factory.mktemp("failed") / "store"
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *args: 1 / 0)
        assert train(store) == 1
    return store


@pytest.fixture
def folder(failed_store: Path, tmp_path: Path) -> Path:
    """A copy of that store; MLflow remembers where a run's artifacts are, and forgets those of other copies."""
    utils._artifact_repos_cache.clear()
    return Path(shutil.copytree(failed_store, tmp_path / "store"))


def statuses(folder: Path) -> list[str]:
    """The statuses of the populations, in the order in which they began."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        found = connection.execute("select name, status from runs order by rowid").fetchall()
    return [status for name, status in found if plain_name(name) == "rnn · 2 seeds"]


def file(folder: Path, pattern: str) -> Path:
    """The newest file of the workspace with such a name."""
    return max((folder / "work").glob(f"*/{pattern}"), key=lambda path: path.name)


def written(content: bytes) -> Damage:
    def damage(path: Path) -> None:
        path.write_bytes(content)

    return damage


def garbage_in_the_middle(path: Path) -> None:
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([*lines[:3], b"garbage \xff", *lines[3:]]))


def other_digit(path: Path) -> None:
    content = path.read_bytes()
    assert content.count(b'"seed": "1"') == 1
    path.write_bytes(content.replace(b'"seed": "1"', b'"seed": "7"'))


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("pattern", "damage", "ended"),
    [
        ("journal.jsonl", garbage_in_the_middle, [FAILED, FINISHED]),
        ("journal.jsonl", other_digit, [FAILED, FINISHED]),
        ("journal.jsonl", written(b"{"), [FAILED, FINISHED]),
        ("attempt", written(b"\xff"), [FAILED, FINISHED]),
        ("sent", folder_instead, [FAILED, FINISHED]),
        ("workspace.json", written(b"{"), [FINISHED]),
        ("checkpoints/plan.*.checkpoint", written(b"damaged"), [FINISHED]),
    ],
)
def test_nothing_is_trained_again(
    pattern: str,
    damage: Damage,
    ended: list[str],
    folder: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    damaged = file(folder, pattern)
    damage(damaged)
    monkeypatch.setattr("seqprobe.learning.module.PopulationModule.update", lambda *args: 1 / 0)
    assert train(folder) == 0
    assert statuses(folder) == ended
    lines = [line for line in capfd.readouterr().err.splitlines() if f"{damaged} is damaged" in line]
    assert lines[-1].count(f"renamed to {damaged.name}.damaged") == 1
    assert [path.name for path in (folder / "work").iterdir()] == ["claims"]


def test_new_runs_have_all_that_the_old_ones_had(folder: Path, tmp_path: Path) -> None:
    """Also what was recorded before the checkpoint from which the training goes on."""
    garbage_in_the_middle(file(folder, "journal.jsonl"))
    assert train(folder) == 0
    assert train(tmp_path / "whole") == 0
    wanted = {run["name"]: run["metrics"] for run in runs(tmp_path / "whole")}
    assert {run["name"]: run["metrics"] for run in runs(folder) if run["status"] == FINISHED} == wanted


def test_of_a_damaged_checkpoint_the_previous_one_is_used(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    damaged = file(folder, "checkpoints/group-*.checkpoint")
    damaged.write_bytes(pack_state({"module": {}}))
    assert train(folder) == 0
    expected = f"{damaged} is damaged (it is of another training): renamed to {damaged.name}.damaged"
    assert without_blanks(expected) in unwrapped(capfd)
    assert statuses(folder) == [FINISHED]


def unwrapped(capfd: pytest.CaptureFixture[str]) -> str:
    """What is on standard error without blanks and line ends: a narrow terminal puts one in the place of the other."""
    return without_blanks(capfd.readouterr().err)


def without_blanks(text: str) -> str:
    return "".join(text.split())


def test_a_damaged_description_is_named_by_other_commands(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    damaged = file(folder, "workspace.json")
    damaged.write_bytes(b"{")
    assert run_script("deliver", [f"tracking.dir={folder}"]) == 0
    assert f"{damaged} is damaged; the command of that training repairs it" in capfd.readouterr().err


def test_a_damaged_journal_is_set_aside_by_other_commands(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    damaged = file(folder, "journal.jsonl")
    file(folder, "sent").unlink()
    other_digit(damaged)
    for _ in range(2):
        assert run_script("deliver", [f"tracking.dir={folder}"]) == 0
    assert capfd.readouterr().err.count(f"{damaged} is damaged: renamed to journal.jsonl.damaged") == 1
    assert train(folder) == 0
    assert statuses(folder) == [FAILED, FINISHED]


def flipped(content: bytes) -> bytes:
    """With another sign of the last number."""
    return content[:-1] + bytes([content[-1] ^ 0x80])


def wider(content: bytes) -> bytes:
    arrays = load(content)
    arrays["weights"] = arrays["best_weights"] = arrays["weights"].repeat(2)
    return save(arrays)


@pytest.mark.parametrize(
    ("change", "keep_digest", "reason"),
    [
        (flipped, True, "it was changed after it was recorded"),
        (lambda content: content[:40], False, "it cannot be read"),
        (wider, False, "its weights have the shape (160,) instead of (80,)"),
    ],
    ids=["flipped", "cut", "wider"],
)
def test_a_damaged_member_is_trained_again(
    change: Callable[[bytes], bytes],
    keep_digest: bool,
    reason: str,
    folder: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert train(folder) == 0
    if not keep_digest:  # as in stores of earlier versions
        with closing(sqlite3.connect(folder / "mlflow.db")) as connection, connection:
            connection.execute("delete from tags where key = 'seqprobe.archive_sha256'")
    (first, _) = sorted((folder / "artifacts").rglob("training.safetensors"))
    first.write_bytes(change(first.read_bytes()))
    capfd.readouterr()
    assert train(folder, "seeds=3") == 0
    assert without_blanks(f"{first} cannot be taken over: {reason}") in unwrapped(capfd)
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        taken_over = connection.execute("select value from tags where key = 'seqprobe.taken_over_from'").fetchall()
    assert len(taken_over) == 1
    assert taken_over[0][0] not in str(first)
