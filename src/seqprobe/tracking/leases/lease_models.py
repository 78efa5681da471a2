"""Leases on an MLflow server, as registered models: they alone are created under a unique name and deleted for good.

MLflow cannot change a value only if it is still the one that was read. Leases need none of that: each has a name of its
own, and the server's database shows every lease to whoever reads after it was made. A lease is there only while its
members are trained.
"""

from __future__ import annotations

from typing import Any

from seqprobe.tracking.leases.posted_lease import PostedLease
from seqprobe.tracking.stores.server import ServerStore

NAME = "seqprobe-lease"
TAG = "lease"
ENDPOINT = "/api/2.0/mlflow/registered-models"
PAGE = 100
NOTE = "Held while a training goes on, so that no other machine trains the same members; deleted when it ends."
MISSING, PRESENT = "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS"
NO_REGISTRY = ("ENDPOINT_NOT_FOUND", "FEATURE_DISABLED", "NOT_IMPLEMENTED")


class LeaseModels:
    """The board of a training on a server.

    Args:
        training_hash: the hash that the members' trainings share.
        seconds: for which a lease holds that cannot be read.
    """

    is_of_workspaces = False

    def __init__(self, store: ServerStore, training_hash: str, seconds: float) -> None:
        self._store, self._prefix, self._seconds = store, f"{NAME}-{training_hash}-", seconds

    def post(self, posted: PostedLease) -> None:
        tags = [{"key": TAG, "value": posted.to_text()}]
        try:
            self._request(
                "POST", "create", json={"name": self._prefix + posted.token, "tags": tags, "description": NOTE}
            )
        except Exception as problem:
            if error_code(problem) != PRESENT:  # else the request was repeated, since its answer was lost
                raise

    def leases(self) -> list[PostedLease]:
        found, token = list[PostedLease](), ""
        while True:
            page = {"filter": f"name LIKE '{self._prefix}%'", "max_results": PAGE, "page_token": token}
            answer = self._request("GET", "search", params=page)
            found += [self._posted(model) for model in answer.get("registered_models", [])]
            token = answer.get("next_page_token", "")
            if not token:
                return found

    def renew(self, posted: PostedLease) -> bool:
        try:
            tag = {"name": self._prefix + posted.token, "key": TAG, "value": posted.to_text()}
            self._request("POST", "set-tag", json=tag)
        except Exception as problem:
            if error_code(problem) == MISSING:
                return False
            raise
        return True

    def remove(self, token: str) -> None:
        try:
            self._request("DELETE", "delete", json={"name": self._prefix + token})
        except Exception as problem:
            if error_code(problem) != MISSING:
                raise

    def _request(self, method: str, action: str, **arguments: Any) -> Any:
        """The answer to a request, without those that MLflow's client adds."""
        from mlflow.utils.rest_utils import verify_rest_response

        endpoint = f"{ENDPOINT}/{action}"
        return verify_rest_response(self._store.request(method, endpoint, **arguments), endpoint).json()

    def _posted(self, model: dict[str, Any]) -> PostedLease:
        texts = [tag["value"] for tag in model.get("tags", []) if tag["key"] == TAG]
        return PostedLease.from_text(model["name"].removeprefix(self._prefix), "".join(texts), self._seconds)

    def is_unavailable(self, problem: Exception) -> bool:
        return self._store.is_unavailable(problem)


def error_code(problem: Exception) -> str:
    """MLflow's name of an error; empty for errors that are not MLflow's."""
    return str(getattr(problem, "error_code", ""))


def keeps_no_leases(problem: Exception) -> bool:
    """Whether an error means that a server has no registered models at all."""
    return error_code(problem) in NO_REGISTRY
