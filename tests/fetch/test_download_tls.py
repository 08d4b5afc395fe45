"""TLS servers whose certificate is trusted only through a variable of the environment."""

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from certificate import make_certificate
from fault_server import isolate

from pipeline.common.errors import PipelineError
from pipeline.fetch.download import download

DATA = b"encrypted " * 1000
VARIABLES = ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CA_BUNDLE"]


class Object(BaseHTTPRequestHandler):
    """Serve one object at every path, whole or by range."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        start, stop = 0, len(DATA)
        byte_range = self.headers.get("Range")
        if byte_range:
            first, _, last = byte_range.removeprefix("bytes=").partition("-")
            start, stop = int(first), min(int(last) + 1, len(DATA))
        self.send_response(206 if byte_range else 200)
        self.send_header("ETag", '"v1"')
        self.send_header("Content-Length", str(stop - start))
        if byte_range:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(DATA)}")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(DATA[start:stop])

    def log_message(self, *args):
        pass


@pytest.fixture
def encrypted(tmp_path, monkeypatch) -> Iterator[tuple[str, Path]]:
    """The host and port of a server, and the file with its certificate."""
    isolate(monkeypatch)
    for variable in (*VARIABLES, "CURL_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Object)
    # The thread of each connection does the handshake: a failed one must not stop the server.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", certificate
    server.shutdown()


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("kind", ["https", "s3"])
def test_trusts_the_authorities_of_the_environment(
    encrypted, tmp_path, monkeypatch, kind, variable
):
    host, certificate = encrypted
    monkeypatch.setenv(variable, str(certificate))
    target = tmp_path / "out"
    if kind == "s3":
        download("s3://bucket/key", target, endpoint=f"https://{host}")
    else:
        download(f"https://{host}/key", target)
    assert target.read_bytes() == DATA


def test_an_untrusted_certificate_is_a_one_line_error(encrypted, tmp_path):
    host, _ = encrypted
    with pytest.raises(
        PipelineError, match="its certificate is not trusted: name your auth"
    ) as error:
        download(f"https://{host}/key", tmp_path / "out")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()
