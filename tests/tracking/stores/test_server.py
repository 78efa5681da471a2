"""A server is asked as MLflow asks it: with the user's token and the user's certificates."""

from __future__ import annotations

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from seqprobe.checks import InvalidValue
from seqprobe.tracking.stores.server import ServerStore

LOGIN = "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, as it requires"


class Answers(BaseHTTPRequestHandler):
    """A server that lists no experiments, to those with the token."""

    status, content_type = 200, "application/json"
    answer = json.dumps({"experiments": []}).encode()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        is_known = self.headers.get("Authorization") == "Bearer opensesame"
        self.send_response(self.status if is_known else 401)
        self.send_header("Content-Type", self.content_type)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def served(handler: type[Answers], certificate: Path | None = None) -> Iterator[str]:
    """The address of a server of this machine, with TLS if there is a certificate."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"{'http' if certificate is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reason(address: str) -> str:
    """Why a server is refused."""
    with pytest.raises(InvalidValue) as refused:
        ServerStore(address).check()
    return str(refused.value.allowed)


def test_a_token_opens_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Answers) as address:
        assert reason(address) == f"refuses access (401): {LOGIN}"
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "opensesame")
        ServerStore(address).check()
        ServerStore(f"{address}/").check()


@pytest.mark.parametrize(
    ("status", "content_type"), [(404, "application/json"), (503, "text/html"), (200, "text/html")]
)
def test_what_is_no_mlflow_server_is_refused(status: int, content_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "opensesame")
    with served(type("Other", (Answers,), {"status": status, "content_type": content_type})) as address:
        assert reason(address) == "no MLflow server answers there"


def test_a_name_that_the_server_does_not_serve_is_told_from_a_missing_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "opensesame")
    answer = b"Invalid Host header - possible DNS rebinding attack detected"  # MLflow's own, with text/plain
    with served(type("Other", (Answers,), {"status": 403, "content_type": "text/plain", "answer": answer})) as address:
        assert reason(address).startswith("does not serve this host name: start it with MLFLOW_SERVER_ALLOWED_HOSTS, ")
    with served(type("Other", (Answers,), {"status": 403})) as address:
        assert reason(address) == f"refuses access (403): {LOGIN}"


def test_the_users_certificate_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "opensesame")
    with served(Answers, certificate(tmp_path / "server.pem")) as address:
        expected = "its certificate is not trusted: set MLFLOW_TRACKING_SERVER_CERT_PATH to the authority's certificate"
        assert reason(address) == expected
        monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(tmp_path / "server.pem"))
        ServerStore(address).check()


def certificate(path: Path) -> Path:
    """A file with a new key and its certificate for 127.0.0.1, which no authority has signed."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return path
