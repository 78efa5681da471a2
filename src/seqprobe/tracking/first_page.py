"""The first page of MLflow's server as `make ui` starts it: a new browser finds the runs at the first click.

MLflow's pages begin with those for language models, on which an experiment of trainings is empty, until somebody
chooses *Model training*; the choice is kept in the browser. The first page that this server sends makes that choice in
a browser that has none. Nothing else differs from MLflow's server.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
CHOICES = {"mlflow.workflowType_v1": '"machine_learning"', "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true"}
"""What MLflow's pages keep in the browser: the kind of pages, and that the assistant has opened itself once."""
SCRIPT = "<script>for (const [name, value] of Object.entries({})) localStorage[name] ??= value</script>"
HEAD = b"<head>"


class TrainingFirst:
    """An ASGI application that adds a script to the first page of another one.

    Args:
        app: MLflow's.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        is_first_page = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET"
        await self.app(scope, receive, FirstPage(send).send if is_first_page else send)


class FirstPage:
    """Sends a response with the script in its head.

    Args:
        send: takes the messages of the response.
    """

    def __init__(self, send: Send) -> None:
        self._send, self._start, self._body = send, Message(), b""

    async def send(self, message: Message) -> None:
        """Collect the messages of a response; with the last one, send the response."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._body.replace(HEAD, HEAD + script().encode(), 1)
        # An unchanged page is not sent again, and a browser may have it from a server without the script.
        headers = [
            (name, value)
            for name, value in self._start["headers"]
            if name.lower() not in (b"content-length", b"etag", b"last-modified")
        ]
        await self._send({**self._start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})


def script() -> str:
    """The script as HTML."""
    return SCRIPT.replace("{}", json.dumps(CHOICES))
