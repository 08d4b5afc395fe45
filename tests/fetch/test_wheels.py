"""pip against a real package index on loopback."""

import hashlib
import socket
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from package_index import isolate, make_wheel

from pipeline.common.errors import PipelineError
from pipeline.fetch.wheels import Package, fetch


class Quiet(SimpleHTTPRequestHandler):
    requests = 0

    def log_message(self, *args):
        type(self).requests += 1


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A wheel served by an index that is the only one pip knows."""
    wheel = make_wheel(tmp_path / "index" / "sample")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "index"))
    Thread(target=server.serve_forever, daemon=True).start()
    isolate(monkeypatch, f"http://127.0.0.1:{server.server_port}/")
    yield wheel
    server.shutdown()


def package_of(wheel: Path) -> Package:
    return Package("sample", "1.0", hashlib.sha256(wheel.read_bytes()).hexdigest())


def test_fetches_once_then_reads_the_cache(wheel, tmp_path):
    package = package_of(wheel)
    first = fetch(package, tmp_path / "cache")
    assert zipfile.ZipFile(first).read("sample/data.txt") == b"hello"
    before = Quiet.requests
    assert fetch(package, tmp_path / "cache") == first
    assert Quiet.requests == before


def test_mends_a_damaged_cache(wheel, tmp_path):
    cached = fetch(package_of(wheel), tmp_path / "cache")
    cached.write_bytes(b"damaged")
    fetch(package_of(wheel), tmp_path / "cache")
    assert cached.read_bytes() == wheel.read_bytes()


def test_refuses_a_wheel_whose_content_changed(wheel, tmp_path):
    package = package_of(wheel)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("sample/more.txt", b"more")
    with pytest.raises(
        PipelineError, match=r"^sample==1.0: sha256 is .* the wheel changed"
    ) as error:
        fetch(package, tmp_path / "cache")
    assert "\n" not in str(error.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_says_when_the_registry_is_out_of_reach(tmp_path, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    isolate(monkeypatch, f"http://127.0.0.1:{port}/")
    with pytest.raises(
        PipelineError, match=r"^sample==1.0: not downloaded .*check the network"
    ) as e:
        fetch(Package("sample", "1.0", "0" * 64), tmp_path / "cache")
    assert "\n" not in str(e.value)
    assert list((tmp_path / "cache").iterdir()) == []
