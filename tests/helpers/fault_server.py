"""A local HTTP server with faults on demand, counters and a speed limit per connection."""

import hashlib
import os
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest

from pipeline.fetch.transfer import engine

SEND_SIZE = 1 << 16  # bytes
ROOT = Path(__file__).parents[2]


def isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove proxies and credentials from the environment, and shorten the pauses."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setattr(engine, "FIRST_PAUSE", 0.01)


def content(size: int, seed: int = 0) -> bytes:
    """Bytes without a pattern, so that a misplaced range is noticed."""
    return hashlib.shake_128(str(seed).encode()).digest(size)


@dataclass
class Served:
    """The object that the server has, how it behaves, and the requests that it got.

    `fault(number, start)` returns the name of a fault or None, for the request with that number
    (from 1, not counting probes) and the range that begins at `start`.
    """

    data: bytes
    etag: str = '"one"'
    media_type: str = ""
    ranges: bool = True
    chunked: bool = False
    rate: float = 0.0  # bytes per second and connection, 0: no limit
    latency: float = 0.0  # seconds before each response
    fault: Callable[[int, int], str | None] = lambda number, start: None
    probed: bool = False  # probes fail too
    changed: bytes | None = None  # the fault "change" replaces `data` by these
    requests: list[tuple[str, str]] = field(default_factory=list)  # path, range
    headers: list[dict[str, str]] = field(default_factory=list)
    number: int = 0
    sent: int = 0
    lock: Lock = field(default_factory=Lock)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        served = self.server.served
        byte_range = self.headers.get("Range", "")
        with served.lock:
            served.requests.append((self.path, byte_range))
            served.headers.append({name.lower(): value for name, value in self.headers.items()})
            probe = self.command == "HEAD" or byte_range == "bytes=0-0"
            served.number += not probe
            number = served.number
        time.sleep(served.latency)
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", byte_range) if served.ranges else None
        start, stop = 0, len(served.data)
        if match:
            start, stop = int(match[1]), min(int(match[2]) + 1, len(served.data))
        fault = None if probe and not served.probed else served.fault(number, start)
        self._respond(served, fault, start, stop, ranged=bool(match))

    def _respond(
        self, served: Served, fault: str | None, start: int, stop: int, ranged: bool
    ) -> None:
        if fault and fault[:3].isdecimal():  # a status, optionally with the value of Retry-After
            self._empty(int(fault[:3]), {"Retry-After": fault[3:].strip() or "0"})
            return
        if fault and fault.startswith("location "):
            self._empty(302, {"Location": fault.removeprefix("location ")})
            return
        if fault == "change" and served.changed is not None:
            served.data, served.etag = served.changed, f'"{time.monotonic_ns()}"'
            stop = min(stop, len(served.data))
        if ranged and start >= len(served.data):
            self._empty(416, {"Content-Range": f"bytes */{len(served.data)}"})
            return
        if fault == "reset":
            self._reset()
            return
        if fault == "ignore":
            ranged, start, stop = False, 0, len(served.data)
        self._headers(served, start, stop, ranged, excess=1000 if fault == "long" else 0)
        if self.command == "HEAD":
            return
        self._body(served, fault, start, stop)

    def _empty(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _headers(self, served: Served, start: int, stop: int, ranged: bool, excess: int) -> None:
        self.send_response(206 if ranged else 200)
        if served.etag:
            self.send_header("ETag", served.etag)
        if served.media_type:
            self.send_header("Content-Type", served.media_type)
        if ranged:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(served.data)}")
        if served.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(stop - start + excess))
        self.end_headers()

    def _body(self, served: Served, fault: str | None, start: int, stop: int) -> None:
        half = fault in {"truncate", "cut"}
        end = (start + stop) // 2 if half else stop
        began = time.monotonic()
        for position in range(start, end, SEND_SIZE):
            block = served.data[position : min(position + SEND_SIZE, end)]
            try:
                frame = b"%x\r\n%s\r\n" % (len(block), block) if served.chunked else block
                self.wfile.write(frame)
            except OSError:
                self.close_connection = True
                return
            with served.lock:
                served.sent += len(block)
            if served.rate:
                due = began + (position + len(block) - start) / served.rate
                time.sleep(max(due - time.monotonic(), 0))
            if fault == "slow":
                time.sleep(0.02)
        if fault == "cut":
            self._reset()
        elif half or fault == "long":
            self.close_connection = True
        elif served.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _reset(self) -> None:
        """Close with a RST instead of a FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, served: Served) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.served = served

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: clients that disconnect are part of the tests."""


@contextmanager
def serve(served: Served) -> Iterator[Server]:
    """Run a server on a free port of 127.0.0.1 until the block ends."""
    server = Server(served)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
