"""pip against a real package index on loopback."""

import hashlib
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from folder_server import FolderServer, serve_folder
from package_index import isolate, make_wheel

from pipeline.common.errors import PipelineError
from pipeline.fetch.wheels import Package, fetch_wheel


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FolderServer]:
    with serve_folder(tmp_path / "index") as server:
        yield server


@pytest.fixture
def wheel(index: FolderServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel on the only index that pip knows."""
    wheel = make_wheel(tmp_path / "index" / "sample")
    isolate(monkeypatch, f"{index.url}/")
    return wheel


def package_of(wheel: Path) -> Package:
    return Package("sample", "1.0", hashlib.sha256(wheel.read_bytes()).hexdigest())


def test_fetches_once_then_reads_the_cache(wheel, index, tmp_path):
    package = package_of(wheel)
    first = fetch_wheel(package, tmp_path / "cache")
    assert zipfile.ZipFile(first).read("sample/data.txt") == b"hello"
    before = len(index.requested)
    assert fetch_wheel(package, tmp_path / "cache") == first
    assert len(index.requested) == before > 0


def test_replaces_a_damaged_wheel_in_the_cache(wheel, tmp_path):
    cached = fetch_wheel(package_of(wheel), tmp_path / "cache")
    cached.write_bytes(b"damaged")
    fetch_wheel(package_of(wheel), tmp_path / "cache")
    assert cached.read_bytes() == wheel.read_bytes()


def test_refuses_a_wheel_whose_content_changed(wheel, tmp_path):
    package = package_of(wheel)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("sample/more.txt", b"more")
    with pytest.raises(
        PipelineError, match=r"^sample==1.0: sha256 is .* the wheel changed"
    ) as error:
        fetch_wheel(package, tmp_path / "cache")
    assert "\n" not in str(error.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_reports_an_unreachable_registry(tmp_path, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    isolate(monkeypatch, f"http://127.0.0.1:{port}/")
    with pytest.raises(
        PipelineError, match=r"^sample==1.0: not downloaded .*check the network"
    ) as error:
        fetch_wheel(Package("sample", "1.0", "0" * 64), tmp_path / "cache")
    assert "\n" not in str(error.value)
    assert list((tmp_path / "cache").iterdir()) == []
