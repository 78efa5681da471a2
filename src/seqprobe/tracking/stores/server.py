"""The store that is an MLflow server."""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seqprobe.checks import InvalidValue
from seqprobe.tracking.leases.lease_time import LEASE_SECONDS, checked_lease
from seqprobe.tracking.stores.availability import StoreUnavailable
from seqprobe.tracking.stores.batch_requests import ARCHIVE_HEADER, BatchRequests
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENTS = "/api/2.0/mlflow/experiments/search"
"""What a server is asked to see whether it is one, and lets this user in."""
CHECK_SECONDS = 10
"""How long it may take to answer."""
LISTED_SECONDS = 5.0
"""How long the list of experiments counts, which every search needs."""
REFUSED, TOO_MANY = (401, 403), 429
AWAY = (*REFUSED, 408, TOO_MANY)
"""Statuses, besides those from 500 on, of a server that may answer otherwise later."""
CREDENTIALS = "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, as it requires"
NO_ANSWER = "no MLflow server answers there"
WRONG_HOST = "Invalid Host header"
"""How MLflow begins its refusal (403) of requests for a name that it does not serve."""
UNKNOWN_NAME = (
    "does not serve this host name: start it with MLFLOW_SERVER_ALLOWED_HOSTS, or make server with SEQPROBE_HOSTS"
)
BAD_CERTIFICATE = "its certificate is not trusted: set MLFLOW_TRACKING_SERVER_CERT_PATH to the authority's certificate"


class ServerStore(Store):
    """An MLflow server that others share; once it is checked, it is known whether it is one of seqprobe's."""

    batch_bytes = 2**25

    def __init__(self, uri: str | None, lease_seconds: float = LEASE_SECONDS) -> None:
        self.lease_seconds = checked_lease(lease_seconds)
        if not uri or not uri.startswith(("http://", "https://")):
            raise InvalidValue("uri", uri, "must be the http(s) address of an MLflow server")
        self._uri = uri
        self._listed: Sequence[Any] = ()
        self._listed_at = -math.inf

    @property
    def uri(self) -> str:
        return self._uri

    @property
    def workspace_suffix(self) -> str:
        return f"-{hashlib.sha256(self._uri.rstrip('/').encode()).hexdigest()[:8]}"

    def refresh(self) -> None:
        self._listed_at = -math.inf

    def _experiments(self) -> Sequence[Any]:
        if time.monotonic() - self._listed_at > LISTED_SECONDS:
            self._listed, self._listed_at = super()._experiments(), time.monotonic()
        return self._listed

    def _experiment_named(self, name: str) -> Any:
        listed = (experiment for experiment in self._experiments() if experiment.name == name)
        return next(listed, None) or super()._experiment_named(name)

    def _create_experiment(self, client: MlflowClient, name: str, tags: dict[str, str]) -> str:
        self.refresh()
        return super()._create_experiment(client, name, tags)

    def ui_command(self) -> str:
        return self._uri

    @property
    def is_remote(self) -> bool:
        return True

    def check(self) -> None:
        from mlflow.exceptions import MlflowException

        try:
            response = self.request(
                "POST",
                EXPERIMENTS,
                json={"max_results": 1},
                timeout=CHECK_SECONDS,
                max_retries=0,
                raise_on_status=False,
            )
        except MlflowException as problem:
            if "SSLError" in str(problem):
                raise InvalidValue("tracking.uri", self._uri, BAD_CERTIFICATE) from problem
            raise StoreUnavailable("tracking.uri", self._uri, NO_ANSWER) from problem
        if response.status_code in REFUSED and response.text.startswith(WRONG_HOST):
            raise InvalidValue("tracking.uri", self._uri, UNKNOWN_NAME)
        if response.status_code in REFUSED:
            raise InvalidValue("tracking.uri", self._uri, f"refuses access ({response.status_code}): {CREDENTIALS}")
        if not response.ok or "json" not in response.headers.get("Content-Type", ""):
            error = StoreUnavailable if response.status_code >= 500 else InvalidValue
            raise error("tracking.uri", self._uri, NO_ANSWER)
        self.batch_requests = BatchRequests(self.request) if ARCHIVE_HEADER in response.headers else None

    def request(self, method: str, endpoint: str, **arguments: Any) -> Any:
        """The answer to a request with MLflow's credentials and time limits, whatever its status."""
        from mlflow.utils.credentials import get_default_host_creds
        from mlflow.utils.rest_utils import http_request

        return http_request(get_default_host_creds(self._uri.rstrip("/")), endpoint, method, **arguments)

    def is_unavailable(self, problem: Exception) -> bool:
        import requests

        status = http_status(problem)
        if status is None:
            return isinstance(problem, requests.RequestException | StoreUnavailable)
        return status in AWAY or status >= 500

    def describe_absence(self, problem: Exception) -> str:
        status = http_status(problem)
        if status in REFUSED:
            return f"refuses access ({status}): {CREDENTIALS}"
        return "asks for fewer requests (429)" if status == TOO_MANY else super().describe_absence(problem)


def http_status(problem: Exception) -> int | None:
    """The status of a server's answer, or None; MLflow gives status 500 to what got no answer."""
    import requests
    from mlflow.exceptions import MlflowException

    if isinstance(problem, MlflowException):
        retried = re.search(r"too many (\d{3}) error responses", str(problem))
        return int(retried[1]) if retried else int(problem.get_http_status_code())
    if isinstance(problem, requests.HTTPError) and problem.response is not None:
        return int(problem.response.status_code)
    return None
