"""The view that MLflow's pages offer for an experiment, and the addresses that open it in a new browser."""

from __future__ import annotations

import json

import pytest

from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.experiment_pages import NOTE, experiment_pages
from seqprobe.tracking.stores.shared_view import VIEW_TAG, run_address, runs_address, shared_view


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    return EmbeddedStore(str(tmp_path_factory.mktemp("mlruns")))


def test_a_view_has_the_columns_and_a_grid_of_images() -> None:
    tags = shared_view(["val/rmse"], ["probe/lag", "probe/map"])
    assert list(tags) == ["mlflow.sharedViewState.seqprobe"]
    envelope = json.loads(tags[VIEW_TAG])
    assert {name: type(value) for name, value in envelope.items()} == {
        "name": str,
        "createdAt": int,
        "updatedAt": int,
        "state": str,
    }
    state = json.loads(envelope["state"])
    columns = ["params.`model`", "params.`preset`", "params.`overrides`", "params.`seeds`", "metrics.`val/rmse`"]
    assert state["selectedColumns"] == state["columnOrder"] == list(state["columnWidths"]) == columns
    assert [chart["imageKeys"] for chart in state["compareRunCharts"]] == [["probe/lag", "probe/map"]]
    assert state["compareRunCharts"][0]["metricSectionId"] == state["compareRunSections"][0]["uuid"]


def test_a_view_without_images_has_no_charts() -> None:
    state = json.loads(json.loads(shared_view(["val/rmse"], [])[VIEW_TAG])["state"])
    assert (state["compareRunCharts"], state["compareRunSections"]) == ([], [])


def test_addresses_choose_model_training() -> None:
    assert runs_address("http://h", "3", False) == "http://h/#/experiments/3/runs?workflowType=machine_learning"
    assert runs_address("http://h", "3", True).endswith("?workflowType=machine_learning&viewStateShareKey=seqprobe")
    assert run_address("http://h", "3", "ab") == "http://h/#/experiments/3/runs/ab?workflowType=machine_learning"


def test_an_experiment_of_an_earlier_version_gets_what_it_has_not(store: EmbeddedStore) -> None:
    client, view = store.client(), shared_view(["val/rmse"], [])
    number = client.create_experiment("sine", tags={NOTE: "changed by its user"})
    assert experiment_pages(client) == [("sine", number, False)]
    assert store.experiment_id("sine", "A sine.", view) == number
    assert experiment_pages(client) == [("sine", number, True)]
    tags = client.get_experiment(number).tags
    assert tags[NOTE] == "changed by its user"
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    client.set_experiment_tag(number, VIEW_TAG, "changed too")
    store.experiment_id("sine", "A sine.", view)
    assert client.get_experiment(number).tags[VIEW_TAG] == "changed too"
