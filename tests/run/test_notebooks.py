"""What notebooks rely on: their MLflow URI stays, threads may train, and a Ctrl-C ends no more than a training."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mlflow
import pytest

import seqprobe
from seqprobe.commands.training_result import Result
from seqprobe.config.compose import composed, plain_config
from seqprobe.tracking.stores.embedded import EmbeddedStore

TRAINING = ["model.hidden_size=2", "trainer.max_steps=6", "trainer.val_every=3"]


def train(store: Path) -> Result:
    overrides = [*TRAINING, "trainer.accelerator=cpu", "~task.probes"]
    result: Result = seqprobe.train("line_xy", "rnn", 1, overrides, store=store)
    return result


@pytest.mark.slow
def test_a_training_can_be_interrupted_and_then_resumed_in_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **fields: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.chdir(tmp_path)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    handler, environment = signal.getsignal(signal.SIGINT), dict(os.environ)
    uri = mlflow.get_tracking_uri()
    with monkeypatch.context() as patch:
        patch.setattr("seqprobe.run.progress.Progress.update", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "store")
    assert "Interrupted. Run the same call to resume; finished runs are skipped." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is handler
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(train, tmp_path / "store").result()
    assert "finished before" not in result.summary
    runs = seqprobe.runs(tmp_path / "store")
    assert set(runs["status"]) == {"FINISHED"}
    assert set(runs["run_id"]) == set(result.run_ids.values())
    assert (mlflow.get_tracking_uri(), dict(os.environ)) == (uri, environment)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_reading_leaves_the_uri_of_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    EmbeddedStore(str(tmp_path)).experiment_id("sine")
    before = mlflow.get_tracking_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    mlflow.set_tracking_uri("http://127.0.0.1:9")
    try:
        assert list(seqprobe.runs(tmp_path)["run_id"]) == []
        assert mlflow.get_tracking_uri() == "http://127.0.0.1:9"
        assert os.environ["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:9"
    finally:
        mlflow.set_tracking_uri(before)


def test_threads_compose_one_after_the_other() -> None:
    configs = []
    thread = threading.Thread(target=lambda: configs.append(plain_config("task=sine")))
    with composed(["task=line_xy"], None, "config") as config:
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        assert config.names.task == "line_xy"
    thread.join()
    assert [plain["names"]["task"] for plain in configs] == ["sine"]
