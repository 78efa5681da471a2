"""The store that is an MLflow server."""

from __future__ import annotations

import hashlib

from seqprobe.checks import InvalidValue
from seqprobe.tracking.stores.store import Store


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

    def check(self) -> None:
        import requests

        try:
            answered = requests.get(f"{self._uri.rstrip('/')}/health", timeout=10).ok
        except requests.RequestException:
            answered = False
        if not answered:
            raise InvalidValue("tracking.uri", self._uri, "no MLflow server answers there")

    def is_unavailable(self, problem: Exception) -> bool:
        import requests
        from mlflow.exceptions import MlflowException

        if isinstance(problem, MlflowException):
            return int(problem.get_http_status_code()) >= 500
        if isinstance(problem, requests.HTTPError) and problem.response is not None:
            return problem.response.status_code >= 500
        return isinstance(problem, requests.RequestException)
