"""The first page of `make ui` chooses model training in a new browser; everything else is MLflow's as it is."""

from __future__ import annotations

import asyncio
from typing import Any

from seqprobe.tracking.first_page import FirstPage, Message, TrainingFirst

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"Content-Length", b"26"), (b"ETag", b"1"), (b"content-type", b"text/html")],
}
PAGE = [b"<html><head>", b"</head></html>"]


async def page(scope: Message, receive: Any, send: Any) -> None:
    """An application with a page in two parts."""
    await send(START)
    await send({"type": "http.response.body", "body": PAGE[0], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[1]})


def response(**scope: str) -> list[Message]:
    """What is sent for a request."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(TrainingFirst(page)({"type": "http", "path": "/", "method": "GET", **scope}, send, send))
    return sent


def test_the_first_page_has_a_script_and_cannot_be_mistaken_for_one_without() -> None:
    start, body = response()
    assert body["body"].startswith(b"<html><head><script>")
    assert body["body"].endswith(b"localStorage[name] ??= value</script></head></html>")
    assert b'"mlflow.workflowType_v1": "\\"machine_learning\\""' in body["body"]
    assert dict(start["headers"]) == {b"content-type": b"text/html", b"content-length": b"%d" % len(body["body"])}


def test_other_pages_are_as_they_are() -> None:
    for scope in ({"path": "/ajax-api"}, {"method": "POST"}, {"type": "websocket"}):
        assert response(**scope)[0] == START
        assert [message["body"] for message in response(**scope)[1:]] == PAGE


def test_a_page_without_a_head_is_as_it_is() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    first = FirstPage(send)
    asyncio.run(first.send({**START, "status": 304, "headers": []}))
    asyncio.run(first.send({"type": "http.response.body"}))
    assert [sent[0]["status"], sent[1]["body"]] == [304, b""]
