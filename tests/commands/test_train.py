"""One small population through the real command, and everything it recorded read back from MLflow."""

from __future__ import annotations

import io
import json
from importlib import metadata
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image
from scripts import run_script

import seqprobe
from seqprobe.commands.train import train
from seqprobe.models.engines import ENGINES
from seqprobe.scoring import MetricName
from seqprobe.tracking.score_table import member_scores
from seqprobe.tracking.stored_runs import stored_run
from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = [pytest.mark.rendered, pytest.mark.xdist_group("train")]

SEEDS = [0, 4]
FAST = ["model=lstm", "model.hidden_size=5", "trainer.max_steps=60", f"seeds={SEEDS}"]


class StoredPopulation:
    """The parent and the children of the one population in a store."""

    def __init__(self, folder: Path, task: str) -> None:
        self.store = EmbeddedStore(str(folder))
        self.client = self.store.client()
        experiment = self.client.get_experiment_by_name(task)
        runs = self.client.search_runs([experiment.experiment_id], order_by=["start_time"])
        (self.parent,) = [run for run in runs if run.data.tags["seqprobe.kind"] == "population"]
        self.children = [run for run in runs if run.data.tags["seqprobe.kind"] == "seed"]

    def bytes(self, path: str) -> bytes:
        return Path(self.client.download_artifacts(self.parent.info.run_id, path)).read_bytes()

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(io.BytesIO(self.bytes(f"tables/{name}.csv")))

    def scores(self, child: Any) -> dict[str, float]:
        """A member's scores in the population's table."""
        return member_scores(self.store, stored_run(self.parent), pytest.fail)[int(child.data.params["seed"])]

    def names(self, folder: str) -> set[str]:
        return {Path(item.path).name for item in self.client.list_artifacts(self.parent.info.run_id, folder)}

    def model(self, child: Any) -> Any:
        return mlflow.pyfunc.load_model(self.client.download_artifacts(child.info.run_id, "model"))

    def history(self, run: Any, metric: str) -> dict[int, float]:
        return {point.step: point.value for point in self.client.get_metric_history(run.info.run_id, metric)}


@pytest.fixture(scope="module")
def sine(tmp_path_factory: pytest.TempPathFactory) -> StoredPopulation:
    folder = tmp_path_factory.mktemp("mlruns")
    assert run_script("train", ["task=sine", *FAST, f"tracking.dir={folder}"]) == 0
    return StoredPopulation(folder, "sine")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> StoredPopulation:
    folder = tmp_path_factory.mktemp("mlruns")
    assert run_script("train", ["task=slope_intercept", *FAST, f"tracking.dir={folder}"]) == 0
    return StoredPopulation(folder, "slope_intercept")


def test_one_parent_and_a_child_per_seed_all_finished(sine: StoredPopulation) -> None:
    assert sine.parent.info.run_name == "lstm · hidden_size=5, max_steps=60 · 2 seeds"
    assert [child.info.run_name for child in sine.children] == [
        f"lstm · hidden_size=5, max_steps=60 · seed {seed}" for seed in (0, 4)
    ]
    assert {run.info.status for run in [sine.parent, *sine.children]} == {"FINISHED"}
    assert {child.data.tags["mlflow.parentRunId"] for child in sine.children} == {sine.parent.info.run_id}


def test_params_are_flat_and_the_same_for_all(sine: StoredPopulation) -> None:
    names, numbers = {"task": "sine", "model": "lstm", "optimizer": "Adam"}, {"hidden_size": "5", "lr": "0.01"}
    expected = names | numbers | {"max_steps": "60"}
    for run in [sine.parent, *sine.children]:
        assert expected.items() <= run.data.params.items()
        assert run.data.params["parameters"] == str(4 * 5 * (1 + 5 + 1) + 5 + 1)
        assert run.data.params["engine"] in ENGINES
    assert sine.parent.data.params["seeds"] == "0,4"
    assert [child.data.params["seed"] for child in sine.children] == ["0", "4"]


def test_the_parent_holds_medians_of_every_metric_at_every_step(sine: StoredPopulation) -> None:
    for metric in ("train/loss", "val/loss", "val/rmse_settled", "probe/amplitude/far/rmse"):
        members = [sine.history(child, metric) for child in sine.children]
        medians = {step: np.median([member[step] for member in members]) for step in members[0]}
        assert sine.history(sine.parent, metric) == pytest.approx(medians, rel=1e-12)
    assert sine.parent.data.metrics["members_finite"] == 2


def test_a_run_shows_its_main_scores_and_the_table_has_all(sine: StoredPopulation) -> None:
    of_training = {"train/loss", "val/loss", "val/rmse", "val/rmse_settled"}
    probed = {f"{name}/{band}" for name in ("amplitude", "phase", "frequency", "map") for band in ("beyond", "far")}
    probed |= {"map/inside", "lines", "lines_no_intercept"}
    shown = of_training | {f"probe/{name}/rmse" for name in probed}
    of_population = {"members_finite", "share_learned", "share_solved"}
    assert set(sine.parent.data.metrics) == shown | of_population
    for child in sine.children:
        metrics, scores = child.data.metrics, sine.scores(child)
        assert set(metrics) == shown
        final = shown - {"train/loss"}
        assert {name: scores[name] for name in final} == {name: metrics[name] for name in final}
        assert {"best/val/rmse", "reference/constant", "probe/amplitude/0.1/peak"} <= set(scores)


def test_members_have_an_outcome_and_the_population_its_shares(lines: StoredPopulation) -> None:
    outcomes = []
    for child in lines.children:
        outcomes.append(child.data.tags["seqprobe.outcome"])
        error, constant = (lines.scores(child)[name] for name in ("val/rmse", "reference/constant"))
        assert outcomes[-1] == ("did not learn" if error > constant / 2 else "learned")
    shares = {name: lines.parent.data.metrics[f"share_{name}"] for name in ("learned", "solved")}
    assert shares == {"learned": outcomes.count("learned") / 2, "solved": 0.0}
    assert "2 seeds, 60 updates each: 0 of 2 solved, " in lines.parent.data.tags["mlflow.note.content"]


def test_metrics_count_updates_and_validation_runs_at_both_ends(sine: StoredPopulation) -> None:
    assert list(sine.history(sine.parent, "val/loss")) == list(range(0, 61, 3))
    assert list(sine.history(sine.parent, "train/loss")) == list(range(1, 61))


def test_a_probe_metric_is_the_mean_over_its_values(sine: StoredPopulation) -> None:
    metrics = sine.scores(sine.children[0])
    values = [
        metrics[f"probe/frequency/{pair}/rmse"]
        for pair in ("a0.1_w10", "a0.2_w20", "a0.4_w30", "a0.6_w40", "a0.8_w50", "a1.0_w60")
    ]
    for band, places in {"beyond": [1, 2], "far": [0, 3, 4, 5]}.items():  # trained with an amplitude of 0.3 alone
        mean = np.mean([values[place] for place in places])
        assert metrics[f"probe/frequency/{band}/rmse"] == pytest.approx(mean, rel=1e-12)
    means = {name for name in metrics if MetricName.parse(name).probe and not MetricName.parse(name).value}
    of_frequency = [f"probe/frequency/{band}/rmse" for band in ("beyond", "far")]
    levels = {f"reference/{name}/constant" for name in of_frequency}
    assert {name for name in means if "/frequency/" in name} == {*of_frequency, *levels}


def test_every_figure_has_its_numbers(sine: StoredPopulation, lines: StoredPopulation) -> None:
    probes = {f"probe_{name}" for name in ("amplitude", "phase", "frequency", "lines", "lines_no_intercept", "map")}
    assert {Path(name).stem for name in sine.names("figures")} == {"fit", "training_curves", "examples"} | probes
    for recorded in (sine, lines):
        for name in recorded.names("figures"):
            assert len(recorded.table(Path(name).stem)) > 0
            assert Image.open(io.BytesIO(recorded.bytes(f"figures/{name}"))).width > 600


def test_the_scores_say_how_far_from_training_they_are(sine: StoredPopulation) -> None:
    table = sine.table("scores_amplitude")
    columns = ["seed", "varied", "value", "distance", "band", "metric", "score", "constant"]
    assert list(table.columns) == columns
    assert set(table["varied"]) == {"amplitude"}
    assert table.groupby("value")["distance"].first()[[0.2, 0.4, 1.0]].tolist() == pytest.approx([-0.1, 0.1, 0.7])
    assert table.groupby("value")["band"].first()[[0.2, 0.4, 1.0]].tolist() == ["beyond", "beyond", "far"]
    assert (table[table["metric"] == "rmse"]["constant"] > 0).all()
    assert table["score"].isna().sum() == 0
    assert "scores_map.csv" not in sine.names("tables")


def test_when_generalisation_appears_is_a_curve_and_a_table(sine: StoredPopulation) -> None:
    client, table = sine.client, sine.table("snapshots")
    for child, seed in zip(sine.children, SEEDS, strict=True):
        told = client.get_metric_history(child.info.run_id, "probe/amplitude/beyond/rmse")
        rows = table[(table["seed"] == seed) & (table["probe"] == "amplitude") & (table["metric"] == "rmse")]
        rows = rows[rows["band"] == "beyond"]
        assert [each.step for each in told] == rows["update"].tolist()
        assert [each.value for each in told] == pytest.approx(rows["score"].tolist(), rel=1e-12)
        assert len(told) == 8
        assert child.data.metrics["probe/amplitude/beyond/rmse"] == told[-1].value < 0.9 * told[0].value


def test_the_animation_shows_the_fit_at_every_validation(sine: StoredPopulation) -> None:
    gif = Image.open(io.BytesIO(sine.bytes("animations/fit.gif")))
    assert getattr(gif, "n_frames", 1) == 21


def test_where_the_run_came_from_is_recorded(sine: StoredPopulation) -> None:
    config = yaml.safe_load(sine.bytes("config.yaml"))
    assert config["model"]["hidden_size"] == 5
    assert config["seeds"] == SEEDS
    versions = sine.bytes("source/versions.txt").decode()
    assert f"seqprobe=={seqprobe.__version__}" in versions
    assert f"torch=={metadata.version('torch')}\n" in versions  # of a CUDA build torch states more
    assert sine.names("source") == {"versions.txt", "uncommitted.diff"}
    commit = sine.parent.data.tags.get("mlflow.source.git.commit", "")
    assert len(commit) in (0, 40)  # an installed wheel has no checkout


def test_the_probe_table_equals_a_recomputation_from_the_stored_weights(sine: StoredPopulation) -> None:
    table = sine.table("probe_amplitude")
    for child, seed in zip(sine.children, SEEDS, strict=True):
        own = table[table["seed"] == seed]
        fed = own["truth"].to_numpy(np.float32).reshape(6, 100, 1)
        model = sine.model(child)
        predicted = model.predict(fed)
        np.testing.assert_allclose(predicted[..., 0], own["prediction"].to_numpy().reshape(6, 100), atol=1e-6)
        rmse = np.sqrt(((predicted - fed) ** 2).mean((1, 2)))[1:3].mean()  # amplitudes 0.2 and 0.4
        assert child.data.metrics["probe/amplitude/beyond/rmse"] == pytest.approx(rmse, abs=1e-6)


def test_the_parameter_table_equals_a_recomputation_from_the_stored_weights(lines: StoredPopulation) -> None:
    table, x = lines.table("probe_extrapolated_slopes"), np.linspace(0, 1, 100)
    slopes = np.array([-0.4, 0, 0.1, 0.3, 0.8, 1.0])
    fed = (slopes[:, None] * x + 0.5)[..., None].astype(np.float32)
    for child, seed in zip(lines.children, SEEDS, strict=True):
        own = table[table["seed"] == seed].pivot(index="value", columns="parameter", values="prediction").loc[slopes]
        predicted = lines.model(child).predict(fed)
        np.testing.assert_allclose(own[["slope", "intercept"]].to_numpy(), predicted, atol=1e-6)
        assert lines.scores(child)["probe/extrapolated_slopes/-0.4/predicted_slope"] == pytest.approx(
            float(predicted[0, 0]), abs=1e-6
        )


def test_a_served_model_takes_lengths_and_the_best_weights(lines: StoredPopulation) -> None:
    model = lines.model(lines.children[0])
    inputs = np.linspace(0, 1, 30, dtype=np.float32).reshape(2, 15, 1)
    padded = np.concatenate([inputs[:1], np.concatenate([inputs[1:, :9], np.full((1, 6, 1), 7, np.float32)], 1)])
    short = model.predict(inputs[1:, :9])
    np.testing.assert_allclose(model.predict(padded, {"lengths": [15, 9]})[1:], short, atol=1e-6)
    assert model.predict(inputs, {"weights": "best"}).shape == (2, 2)


def test_nothing_in_a_model_folder_is_a_pickle(sine: StoredPopulation) -> None:
    folder = Path(sine.client.download_artifacts(sine.children[0].info.run_id, "model"))
    suffixes = {path.suffix or path.name for path in folder.rglob("*") if path.is_file()}
    assert suffixes == {"MLmodel", ".yaml", ".txt", ".json", ".safetensors"}
    assert json.loads((folder / "data/member/network.json").read_text())["sizes"]["kind"] == "seq2seq"


USERS_NETWORK = """
import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self, input_size, output_size, kind, max_length):
        super().__init__()
        self.dense = nn.Linear(input_size, output_size)
        self.register_buffer("scale", torch.tensor(3.0))

    def forward(self, inputs, lengths):
        return self.scale * self.dense(inputs)
"""


def test_a_users_module_with_a_buffer_is_recorded_with_its_source_and_loads(tmp_path: Path) -> None:
    (tmp_path / "conf/model").mkdir(parents=True)
    (tmp_path / "conf/scaled_network.py").write_text(USERS_NETWORK)
    (tmp_path / "conf/model/scaled.yaml").write_text("_target_: scaled_network.Scaled\n_partial_: true\n")
    options = ["--config-dir", str(tmp_path / "conf"), f"tracking.dir={tmp_path / 'mlruns'}"]
    assert run_script("train", [*options, "task=line_xy", "model=scaled", "seeds=2", "trainer.max_steps=3"]) == 0
    recorded = StoredPopulation(tmp_path / "mlruns", "line_xy")
    assert recorded.bytes("source/scaled_network.py").decode() == USERS_NETWORK
    fed = np.linspace(0, 1, 12, dtype=np.float32).reshape(1, 6, 2)
    predicted = recorded.model(recorded.children[0]).predict(fed)
    assert predicted.shape == (1, 6, 2)
    assert np.abs(predicted).max() > 0


def test_data_that_overflow_end_diverged_not_failed(tmp_path: Path) -> None:
    overflowing = ["task=sine", "task.curve.amplitude=1e200", "model=rnn", "seeds=2", "trainer.max_steps=2"]
    assert train([*overflowing, "~task.probes", f"tracking.dir={tmp_path}"]) == np.inf
    recorded = StoredPopulation(tmp_path, "sine")
    assert {run.info.status for run in [recorded.parent, *recorded.children]} == {"FINISHED"}
    assert {child.data.tags["seqprobe.outcome"] for child in recorded.children} == {"diverged"}
    assert recorded.parent.data.metrics["members_finite"] == 0
