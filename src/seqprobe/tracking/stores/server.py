"""The store that is an MLflow server."""

from __future__ import annotations

import hashlib
import re

from seqprobe.checks import InvalidValue
from seqprobe.tracking.stores.store import Store

EXPERIMENTS = "/api/2.0/mlflow/experiments/search"
"""What a server is asked to see whether it is one, and lets this user in."""
CHECK_SECONDS = 10
"""How long it may take to answer."""
REFUSED, TOO_MANY = (401, 403), 429
AWAY = (*REFUSED, 408, TOO_MANY)
"""Statuses, besides those from 500 on, of a server that may answer otherwise later."""
CREDENTIALS = "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, as it requires"
BAD_CERTIFICATE = "its certificate is not trusted: set MLFLOW_TRACKING_SERVER_CERT_PATH to the authority's certificate"


class ServerStore(Store):
    """An MLflow server that others share."""

    def __init__(self, uri: str | None) -> None:
        if not uri or not uri.startswith(("http://", "https://")):
            raise InvalidValue("uri", uri, "must be the http(s) address of an MLflow server")
        self._uri = uri

    @property
    def uri(self) -> str:
        return self._uri

    @property
    def workspace_suffix(self) -> str:
        return f"-{hashlib.sha256(self._uri.rstrip('/').encode()).hexdigest()[:8]}"

    def ui_command(self) -> str:
        return self._uri

    @property
    def is_remote(self) -> bool:
        return True

    def check(self) -> None:
        from mlflow.exceptions import MlflowException
        from mlflow.utils.credentials import get_default_host_creds
        from mlflow.utils.rest_utils import http_request

        place = {"host_creds": get_default_host_creds(self._uri.rstrip("/")), "endpoint": EXPERIMENTS, "method": "POST"}
        try:
            response = http_request(
                **place, json={"max_results": 1}, timeout=CHECK_SECONDS, max_retries=0, raise_on_status=False
            )
        except MlflowException as problem:
            reason = BAD_CERTIFICATE if "SSLError" in str(problem) else "no MLflow server answers there"
            raise InvalidValue("tracking.uri", self._uri, reason) from problem
        if response.status_code in REFUSED:
            raise InvalidValue("tracking.uri", self._uri, f"refuses access ({response.status_code}): {CREDENTIALS}")
        if not response.ok or "json" not in response.headers.get("Content-Type", ""):
            raise InvalidValue("tracking.uri", self._uri, "no MLflow server answers there")

    def is_unavailable(self, problem: Exception) -> bool:
        import requests

        status = http_status(problem)
        return isinstance(problem, requests.RequestException) if status is None else status in AWAY or status >= 500

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
