"""Requests by kind."""

from __future__ import annotations

import pytest

from seqprobe.bench.counted_requests import OTHER, request_kind
from seqprobe.bench.population_requests import PopulationRequests
from seqprobe.checks import InvalidValue


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/seqprobe/records", "records"),
        ("/seqprobe/runs", "opening runs"),
        ("/api/2.0/mlflow/registered-models/search?filter=name+LIKE+%27x%27", "lease"),
        ("/api/2.0/mlflow/runs/search", "searches"),
        ("/api/2.0/mlflow/experiments/search", "searches"),
        ("/api/2.0/mlflow/experiments/create", "making the experiment"),
        ("/api/2.0/mlflow-artifacts/artifacts/1/2af6/artifacts/training.npz?of=/runs/search", OTHER),
    ],
)
def test_a_request_is_of_the_kind_that_its_path_states(path: str, kind: str) -> None:
    assert request_kind(f"http://127.0.0.1:5000{path}") == kind


def test_known_members_must_be_fewer_than_all() -> None:
    with pytest.raises(InvalidValue, match="known=4: must be fewer than seeds"):
        PopulationRequests("http://127.0.0.1:5000", [4, 16], known=4)
