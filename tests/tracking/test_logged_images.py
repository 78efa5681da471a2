"""Figures that MLflow's pages show side by side: stored as its own client stores images, but under lasting names."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from mlflow.utils.mlflow_tags import MLFLOW_LOGGED_IMAGES
from PIL import Image

from seqprobe.tracking.description import Description
from seqprobe.tracking.logged_images import LOGGED_IMAGES, image_files
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.stores.embedded import EmbeddedStore


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    return EmbeddedStore(str(tmp_path_factory.mktemp("mlruns")))


def names(store: EmbeddedStore, run: str) -> list[str]:
    """The paths of a run's images."""
    return sorted(str(entry.path) for entry in store.client().list_artifacts(run, "images"))


def without_unique_part(path: str) -> str:
    """A path without the UUID in it."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", path)


def test_image_names_are_those_of_mlflow_s_client(store: EmbeddedStore) -> None:
    client = store.client()
    run = client.create_run(store.experiment_id("mlflow")).info.run_id
    client.log_image(run, np.zeros((4, 9, 3), np.uint8), key="probe/lag", step=3, timestamp=3)
    ours = sorted(image_files("probe/lag", 3, Image.new("RGB", (900, 400))))
    assert list(map(without_unique_part, ours)) == list(map(without_unique_part, names(store, run)))
    assert client.get_run(run).data.tags[LOGGED_IMAGES] == "True"
    assert LOGGED_IMAGES == MLFLOW_LOGGED_IMAGES


def test_an_image_keeps_its_size_and_its_copy_is_small() -> None:
    contents = image_files("probe/lag", 3, Image.new("RGB", (1280, 500), "red"))
    sizes = {path.rpartition(".")[2]: Image.open(io.BytesIO(content)).size for path, content in contents.items()}
    assert sizes == {"png": (1280, 500), "webp": (640, 250)}
    assert contents == image_files("probe/lag", 3, Image.new("RGB", (1280, 500), "red"))


def test_figures_are_images_only_with_a_name_for_them(store: EmbeddedStore) -> None:
    with MLflowRecorder(store, Description("e", "rnn", [0], {})) as recorder:
        recorder.record_figure("fit", Figure((2, 1)))
        assert names(store, recorder.parent) == []
        assert LOGGED_IMAGES not in recorder.client.get_run(recorder.parent).data.tags
        for _ in range(2):  # as after a kill
            recorder.record_figure("probe_lag", Figure((2, 1)), "probe/lag")
            recorder.record_snapshot("probe during training/lag", Figure((2, 1)), 40)
    shown = [path.partition("+timestamp")[0] for path in names(store, recorder.parent)]
    assert shown == [*["images/probe during training~lag+step+40"] * 2, *["images/probe~lag+step+0"] * 2]
    assert recorder.client.get_run(recorder.parent).data.tags[LOGGED_IMAGES] == "True"
    assert store.artifact(recorder.parent, "figures/probe_lag.png") is not None
