"""A proxy in front of a server of this machine that hangs or refuses on demand."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from seqprobe.tracking.stores.batch_requests import ARCHIVE_HEADER

PASSED_ON = ("Content-Type", "Authorization")


class Proxy:
    """Passes every request on to a server, or does what a test sets.

    Attributes:
        status: what is answered instead, None for the server's answer.
        answers: cleared while requests hang; those that hang are dropped as if the connection was cut.
        refused: how many requests met another answer than the server's.
        delay: seconds by which every answer is late.
        requests: method and path of every request.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.status: int | None = None
        self.delay, self.requests = 0.0, list[tuple[str, str]]()
        self.answers, self.refused = threading.Event(), 0
        self.answers.set()
        methods = {f"do_{name}": self.handle for name in ("GET", "POST", "PUT", "PATCH", "DELETE")}
        functions = {name: lambda request, handle=handle: handle(request) for name, handle in methods.items()}
        silent = {"log_message": lambda *arguments: None}
        self.server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (BaseHTTPRequestHandler,), functions | silent)
        )
        self.server.daemon_threads = True
        self.uri = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.requests.append((request.command, request.path.partition("?")[0]))
        if not self.answers.is_set():
            self.refused += 1
            self.answers.wait()
            request.close_connection = True
            return
        if self.status is not None:
            self.refused += 1
            self.reply(request, self.status, b"<html>no</html>", {"Content-Type": "text/html"})
            return
        threading.Event().wait(self.delay)
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        answer = requests.request(
            request.command, f"{self.address}{request.path}", data=body, headers=headers, timeout=60
        )
        self.reply(request, answer.status_code, answer.content, answer.headers)

    def reply(self, request: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send an answer, unless nobody waits for it any more."""
        try:
            request.send_response(status)
            for name in ("Content-Type", ARCHIVE_HEADER):
                if name in headers:
                    request.send_header(name, headers[name])
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        except OSError:
            request.close_connection = True

    def close(self) -> None:
        """End the proxy."""
        self.answers.set()
        self.server.shutdown()
        self.server.server_close()
