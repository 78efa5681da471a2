"""Trainings and networks in Python: what they return is what was recorded of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import torch
from scripts import ROOT

import seqprobe
from seqprobe.checks import InvalidValue
from seqprobe.commands.networks import Networks
from seqprobe.commands.training_result import Result
from seqprobe.models.member import build_member
from seqprobe.probes.curve_probes import ReproductionProbe
from seqprobe.run.request import Request, compose
from seqprobe.tasks.curves import Sine
from seqprobe.tracking.stores.embedded import EmbeddedStore

OTHERS = ("amplitude", "phase", "frequency", "lines", "lines_no_intercept", "map")
OVERRIDES = ["model.hidden_size=3", "trainer.max_steps=4", "trainer.val_every=4", "engine=stacked"]
OVERRIDES += ["trainer.accelerator=cpu", *(f"~task.probes.{name}" for name in OTHERS)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("python") / "store"


@pytest.fixture(scope="module")
def trained(store: Path) -> Result:
    probes = {"large": ReproductionProbe(Sine(amplitude=0.3, frequency=10, phase=0), "amplitude", [0.5])}
    result: Result = seqprobe.train("sine", "lstm", [2, 5], OVERRIDES, probes=probes, store=store)
    return result


@pytest.fixture(scope="module")
def request_() -> Request:
    return compose(["task=sine", "model=lstm", *OVERRIDES])


@pytest.fixture(scope="module")
def networks(store: Path, trained: Result) -> Networks:
    return seqprobe.load("sine · lstm · hidden_size=3", store=store)


@pytest.fixture
def inputs(request_: Request) -> np.ndarray:
    return request_.experiment.task.sample(2, torch.Generator().manual_seed(0)).inputs.numpy()


def test_the_reference_has_every_public_function() -> None:
    reference = (ROOT / "docs/api.md").read_text()
    assert [name for name in seqprobe.PUBLIC if f".. autofunction:: seqprobe.{name}\n" not in reference] == []
    assert set(seqprobe.PUBLIC) <= set(dir(seqprobe))


def test_a_result_has_its_runs_scores_and_figures(store: Path, trained: Result) -> None:
    runs = seqprobe.runs(store)
    assert set(runs["parent_id"]) == {trained.run_id}
    assert trained.run_ids == {int(seed): run for seed, run in zip(runs["seed"], runs["run_id"], strict=True)}
    pd.testing.assert_frame_equal(trained.scores, runs)
    assert list(trained.figures) == ["examples", "fit", "probe_large", "training_curves"]
    assert trained.figures["fit"]._repr_png_()[:4] == b"\x89PNG"
    shown, rmse = trained.medians(), runs[(runs["probe"] == "validation") & (runs["metric"] == "rmse")]["score"]
    (median,) = shown[(shown["probe"] == "validation") & (shown["metric"] == "rmse")]["median"]
    assert median == pytest.approx(rmse.median())
    assert set(shown["probe"]) == {"validation", "large"}
    assert trained.run_id in trained._repr_html_()
    assert trained.networks.seeds == [2, 5]


def test_an_equal_training_is_finished_before(store: Path, trained: Result) -> None:
    probes = {"large": ReproductionProbe(Sine(amplitude=0.3, frequency=10, phase=0), "amplitude", [0.5])}
    again = seqprobe.train("sine", "lstm", [2, 5], OVERRIDES, probes=probes, store=store)
    assert again.run_id == trained.run_id
    assert "finished before" in again.summary


def test_results_are_compared(trained: Result) -> None:
    compared = seqprobe.compare(trained)
    scores = compared.scores
    (median,) = scores[(scores["score"] == "val/rmse") & (scores["seeds"] == 2)]["median"]
    rows = trained.scores[(trained.scores["probe"] == "validation") & (trained.scores["metric"] == "rmse")]
    assert median == pytest.approx(rows["score"].median())
    assert compared.headlines[0] in compared._repr_html_().replace("&#x27;", "'")
    with pytest.raises(InvalidValue, match=r"store=.*: the results know their stores"):
        seqprobe.compare(trained, store=".")


def saved_model(store: Path, networks: Networks, seed: int) -> Path:
    run = networks.run_ids[list(networks.seeds).index(seed)]
    (folder,) = store.glob(f"artifacts/*/{run}/artifacts/model")
    return folder


def test_a_run_is_found_by_its_id_its_name_and_a_members_id(store: Path, networks: Networks) -> None:
    parent = seqprobe.runs(store)["parent_id"].iloc[0]
    assert (networks.seeds, networks.weights, networks[5].uri) == ([2, 5], "last", f"runs:/{networks.run_ids[1]}/model")
    assert seqprobe.load(parent, store=store).run_ids == networks.run_ids
    assert seqprobe.load(networks.run_ids[1], store=store).seeds == [5]
    with pytest.raises(InvalidValue, match=r"^run=lstn: no finished population in sqlite:.* is called so$"):
        seqprobe.load("lstn", store=store)


def test_predictions_are_those_of_mlflow(store: Path, networks: Networks, inputs: np.ndarray) -> None:
    outputs = networks.predict(inputs)
    assert outputs.shape == (2, *inputs.shape)
    for place, network in enumerate(networks):
        folder = saved_model(store, networks, network.seed)
        member, model = seqprobe.load(folder), mlflow.pyfunc.load_model(str(folder))
        assert member.seeds == [network.seed]
        for values in (network.predict(inputs), member.predict(inputs)[0], model.predict(inputs)):
            np.testing.assert_allclose(values, outputs[place], atol=1e-6)
        best = model.predict(inputs, params={"weights": "best"})
        np.testing.assert_allclose(networks.at("best")[network.seed].predict(inputs), best, atol=1e-6)
        np.testing.assert_allclose(member.at("best").predict(inputs)[0], best, atol=1e-6)


def test_the_note_says_how_to_use_the_networks(store: Path, trained: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    note = EmbeddedStore(str(store)).client().get_run(trained.run_id).data.tags["mlflow.note.content"]
    (example,) = re.findall(r"```python\n(.*?)```", note, re.DOTALL)
    assert f"runs:/{trained.run_ids[2]}/model" in example
    assert f'seqprobe.load("{trained.run_id}")[2].to_onnx(' in note
    monkeypatch.setattr("mlflow.tracking._tracking_service.utils._tracking_uri", trained.store.uri)
    exec(example.replace(f'load("{trained.run_id}")', f'load("{trained.run_id}", store={str(store)!r})'), {})


def test_sequences_of_any_length_and_number_type(networks: Networks, inputs: np.ndarray) -> None:
    outputs = networks.predict(inputs)
    np.testing.assert_array_equal(networks.predict(inputs.astype(np.float32)), outputs)
    longer, shorter = networks.predict([inputs[0], inputs[1, :7]])
    np.testing.assert_allclose(longer, outputs[:, 0], atol=1e-6)
    np.testing.assert_allclose(shorter, outputs[:, 1, :7], atol=1e-6)
    frame = pd.DataFrame({"sequence": np.repeat(["a", "b"], 7), "y": inputs[:, :7, 0].ravel()})
    np.testing.assert_allclose(np.stack(networks.predict(frame), 1), outputs[:, :, :7], atol=1e-6)
    assert networks.predict(np.zeros((1, 500, 1))).shape == (2, 1, 500, 1)


def test_a_frame_is_answered_by_a_frame(store: Path, networks: Networks, inputs: np.ndarray) -> None:
    model = mlflow.pyfunc.load_model(str(saved_model(store, networks, 2)))
    steps = inputs[:, :4, 0].T.ravel()  # the steps of both sequences in turns
    frame = pd.DataFrame({"sequence": ["a", "b"] * 4, "y": steps})
    answered = model.predict(frame)
    assert list(answered.columns) == ["y"]
    expected = networks[2].predict(inputs)[:, :4, 0].T.ravel()
    np.testing.assert_allclose(answered["y"], expected, atol=1e-6)


def test_traces_have_gates_and_states_by_name(networks: Networks, inputs: np.ndarray) -> None:
    traces = networks.trace(inputs)
    assert set(traces) == {"input_gate", "forget_gate", "candidate", "output_gate", "cell", "hidden"}
    hidden = traces["output_gate"] * np.tanh(traces["cell"])
    np.testing.assert_allclose(traces["hidden"], hidden, atol=1e-6)
    np.testing.assert_allclose(networks[5].trace(inputs, layer=0)["forget_gate"], traces["forget_gate"][1], atol=1e-6)
    assert [values.shape for values in networks.trace([inputs[0], inputs[1, :7]])["cell"]] == [(2, 100, 3), (2, 7, 3)]


def test_snapshots_are_the_networks_of_then(request_: Request, networks: Networks, inputs: np.ndarray) -> None:
    assert networks.choices == ["last", "best", 0, 4]
    untrained = build_member(request_.experiment.build_network, 5)
    lengths = torch.full((2,), inputs.shape[1])
    with torch.no_grad():
        expected = untrained(torch.tensor(inputs, dtype=torch.float32), lengths).numpy()
    np.testing.assert_allclose(networks.at(0)[5].predict(inputs), expected, atol=1e-6)
    np.testing.assert_array_equal(networks.at(4).predict(inputs), networks.predict(inputs))
    assert np.abs(networks.at(0).predict(inputs) - networks.predict(inputs)).max() > 1e-3


def test_a_probe_measures_what_was_recorded(store: Path, networks: Networks) -> None:
    runs = seqprobe.runs(store)
    recorded = runs[(runs["probe"] == "large") & (runs["metric"] == "rmse") & (runs["value"] == "0.5")]
    probed = networks.probe("large")
    measured = probed.scores[probed.scores["metric"] == "rmse"]
    np.testing.assert_allclose(measured["score"], recorded.sort_values("seed")["score"], rtol=1e-6)
    assert "0.5" in probed._repr_html_()
    phases = networks[5].probe("phase", values=np.array([[0.3, 0.5], [0.3, 1.0]]))
    assert set(phases.scores["value"]) == {"a0.3_p0.5", "a0.3_p1.0"}
    assert set(phases.scores["seed"]) == {5}
    drawn: Any = phases.plot()
    assert drawn._repr_png_()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda n: n.predict(np.zeros((3, 7))),
            r"inputs=\[3,7\]: .*; one feature is inputs\[\.\.\., None\]",
        ),
        (lambda n: n.predict([np.zeros((3, 2))]), r"inputs\[0\]=\[3,2\]: must have the shape \(time, 1\)"),
        (lambda n: n.predict("sine"), "inputs=str: must be an array of numbers"),
        (lambda n: n.predict(np.zeros((1, 2, 1), complex)), "inputs=complex128: must be an array of numbers"),
        (lambda n: n[2].to_onnx(None), "path=null: must be a path"),
        (lambda n: n[2].to_onnx(ROOT), "path=.*: must be a file in a folder that exists"),
        (lambda n: n[2].to_onnx(ROOT / "no/x.onnx"), "path=.*: must be a file in a folder that exists"),
        (lambda n: n.at([]), r"weights=\[\]: must be one of last, best, 0, 4"),
        (lambda n: n.probe(None), "probe=NoneType: must be a probe's name, or a seqprobe Probe"),
        (lambda n: n[3], "seed=3: must be one of 2, 5"),
        (lambda n: n.at("first"), "weights=first: must be one of last, best, 0, 4"),
        (lambda n: n.trace(np.zeros((1, 2, 1)), layer=1), "layer=1: must be one of 0"),
        (lambda n: n.probe("amplitud"), "probe=amplitud: .*did you mean amplitude"),
        (lambda n: n.probe("amplitude", valus=[1]), r"task.probes.amplitude.valus=\[1\]: unknown key"),
        (lambda n: n.probe("counting"), "cannot probe task sine: it needs a turnstile"),
    ],
)
def test_what_does_not_fit_is_refused(networks: Networks, call: Callable[[Networks], object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        call(networks)


def test_loading_by_id_only_reads(store: Path, trained: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedStore, "client", lambda self: pytest.fail("MLflow opens stores to write"))
    assert seqprobe.load(trained.run_id, store=store).seeds == [2, 5]
    assert seqprobe.load(trained.run_ids[5], store=store).seeds == [5]
    with pytest.raises(InvalidValue, match="there is no such run in"):
        seqprobe.load("0" * 32, store=store)
