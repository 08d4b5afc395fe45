"""Downloads from a server that fails in many ways give the right bytes or a one-line error."""

import hashlib
import re
import threading
from pathlib import Path

import pytest
from fault_server import Served, content, isolate, serve

from pipeline.common.errors import PipelineError
from pipeline.fetch.download import download

DATA = content(9_000_001)  # three ranges
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


def fetch(server, folder: Path, protocol: str = "http", **options) -> Path:
    """Download the server's object by HTTP or as an S3 object."""
    if protocol == "s3":
        return download("s3://bucket/key", folder / "got", endpoint=server.url, **options)
    return download(f"{server.url}/key", folder / "got", **options)


def fails(server, folder: Path, protocol: str = "http", **options) -> str:
    """The message of a download that fails and must leave no file behind."""
    with pytest.raises(PipelineError) as error:
        fetch(server, folder, protocol, **options)
    assert "\n" not in str(error.value)
    assert list(folder.iterdir()) == []
    return str(error.value)


def first_requests(fault: str, count: int = 1):
    """The fault for the first requests, then none."""
    return lambda number, start: fault if number <= count else None


both = pytest.mark.parametrize("protocol", ["http", "s3"])


@both
def test_fetches_in_ranges(protocol, tmp_path):
    with serve(Served(DATA)) as server:
        assert fetch(server, tmp_path, protocol).read_bytes() == DATA
        assert len(server.served.requests) == 1 + (9 if protocol == "s3" else 3)
    assert [path.name for path in tmp_path.iterdir()] == ["got"]


@both
@pytest.mark.parametrize("size", [0, 1, 1 << 22, (1 << 22) + 1])
def test_fetches_empty_small_and_odd_sizes(protocol, size, tmp_path):
    with serve(Served(DATA[:size])) as server:
        assert fetch(server, tmp_path, protocol).read_bytes() == DATA[:size]


@both
@pytest.mark.parametrize("fault", ["truncate", "cut", "reset", "503", "429", "500", "slow"])
def test_overcomes_a_passing_fault(protocol, fault, tmp_path):
    with serve(Served(DATA, fault=first_requests(fault, 4))) as server:
        path = fetch(server, tmp_path, protocol, sha256=SHA256)
    assert path.read_bytes() == DATA


@pytest.mark.parametrize("fault", ["ignore", "long"])
def test_overcomes_a_passing_fault_of_http(fault, tmp_path):
    with serve(Served(DATA, fault=first_requests(fault))) as server:
        assert fetch(server, tmp_path).read_bytes() == DATA


def test_continues_a_range_where_it_was_cut(tmp_path):
    """If every response is cut in half, no byte is fetched twice."""
    with serve(Served(DATA, fault=lambda *_: "truncate")) as server:
        with pytest.raises(PipelineError, match="the connection ended early"):
            fetch(server, tmp_path)
        assert server.served.sent == pytest.approx(len(DATA), rel=0.02)
        server.served.fault = first_requests("nothing")
        assert fetch(server, tmp_path).read_bytes() == DATA
        assert server.served.sent == pytest.approx(len(DATA), rel=0.05)


@both
def test_gives_up_on_a_lasting_fault(protocol, tmp_path):
    with serve(Served(DATA, fault=lambda *_: "503")) as server:
        message = fails(server, tmp_path, protocol)
    assert re.fullmatch(r"\S+: (HTTP 503|.*SLOW_DOWN), 7 times: check the network.*", message)


def test_obeys_retry_after(tmp_path, monkeypatch):
    waits = []
    with (
        serve(Served(DATA[:9], fault=first_requests("503 7"))) as server,
        monkeypatch.context() as patch,
    ):
        patch.setattr(threading.Event, "wait", lambda event, seconds=None: waits.append(seconds))
        fetch(server, tmp_path)
    assert 7.0 in waits


@both
@pytest.mark.parametrize(("status", "words"), [("404", "no such file"), ("403", "access denied")])
def test_does_not_retry_a_refused_request(protocol, status, words, tmp_path):
    with serve(Served(DATA, probed=True, fault=lambda *_: status)) as server:
        message = fails(server, tmp_path, protocol)
        assert len(server.served.requests) == 1
    assert words in message
    assert "credentials" not in message or status == "403"


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("fault", [None, "truncate", "cut", "reset", "503"])
def test_fetches_without_ranges(chunked, fault, tmp_path):
    served = Served(DATA, ranges=False, chunked=chunked, fault=first_requests(fault, 2))
    with serve(served) as server:
        assert fetch(server, tmp_path, sha256=SHA256).read_bytes() == DATA


def test_reports_a_wrong_content_length(tmp_path):
    with serve(Served(DATA, ranges=False, probed=True, fault=lambda *_: "long")) as server:
        assert "the connection ended early, 7 times" in fails(server, tmp_path)


def test_follows_a_redirect(tmp_path):
    with serve(Served(DATA)) as target, serve(Served(b"", probed=True)) as server:
        server.served.fault = lambda *_: f"location {target.url}/there?token=secret"
        assert fetch(server, tmp_path).read_bytes() == DATA
        assert {path for path, _ in target.served.requests} == {"/there?token=secret"}


def test_stops_at_circular_redirects(tmp_path):
    with serve(Served(DATA, probed=True)) as server:
        server.served.fault = lambda *_: f"location {server.url}/again"
        assert "redirects in circles" in fails(server, tmp_path)


@both
def test_starts_over_when_the_object_changes(protocol, tmp_path):
    other = content(len(DATA), seed=1)
    fault = lambda number, start: "change" if number == 2 else None  # noqa: E731
    with serve(Served(DATA, changed=other, fault=fault)) as server:
        assert fetch(server, tmp_path, protocol).read_bytes() == other


@both
def test_gives_up_when_the_object_keeps_changing(protocol, tmp_path):
    with serve(Served(DATA, changed=DATA, fault=lambda *_: "change")) as server:
        assert "changed twice" in fails(server, tmp_path, protocol)


@both
def test_refuses_a_wrong_checksum(protocol, tmp_path):
    with serve(Served(DATA)) as server:
        message = fails(server, tmp_path, protocol, sha256="0" * 64)
    assert SHA256 in message
    assert "0" * 64 in message


def test_fetches_only_if_the_target_has_another_checksum(tmp_path):
    (tmp_path / "got").write_bytes(DATA)
    with serve(Served(b"other")) as server:
        fetch(server, tmp_path, sha256=SHA256.upper())
        assert server.served.requests == []
        fetch(server, tmp_path, sha256=hashlib.sha256(b"other").hexdigest())
    assert (tmp_path / "got").read_bytes() == b"other"


def test_keeps_the_old_target_if_the_download_fails(tmp_path):
    (tmp_path / "got").write_bytes(b"old")
    with serve(Served(DATA)) as server, pytest.raises(PipelineError):
        fetch(server, tmp_path, sha256="0" * 64)
    assert (tmp_path / "got").read_bytes() == b"old"


@both
def test_reports_an_unreachable_server(protocol, tmp_path):
    with serve(Served(DATA)) as server:
        pass
    message = fails(server, tmp_path, protocol)
    assert re.fullmatch(r"\S+/key: the connection failed.*: check the network and proxy.*", message)


@pytest.mark.parametrize(
    "url", ["ftp://host/file", "file", "http://[bad", "s3://bucket", "http://"]
)
def test_refuses_an_invalid_address(url, tmp_path):
    with pytest.raises(PipelineError) as error:
        download(url, tmp_path / "got")
    assert str(error.value).startswith(f"{url}: ")
    assert list(tmp_path.iterdir()) == []


@both
def test_two_servers_are_not_confused(protocol, tmp_path):
    """One awscrt client would confuse two ports of the same host."""
    objects = [content(6_000_000, seed) for seed in range(2)]
    with serve(Served(objects[0])) as one, serve(Served(objects[1])) as two:
        for number in range(2):
            (tmp_path / str(number)).mkdir()
        threads = [
            threading.Thread(target=fetch, args=(server, tmp_path / str(number), protocol))
            for number, server in enumerate((one, two))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [(tmp_path / str(n) / "got").read_bytes() for n in range(2)] == objects


@both
def test_uses_the_proxy_of_the_environment(protocol, tmp_path, monkeypatch):
    with serve(Served(DATA)) as proxy, serve(Served(b"")) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert fetch(server, tmp_path, protocol).read_bytes() == DATA
        assert server.served.requests == []
        assert all(path.startswith(server.url) for path, _ in proxy.served.requests)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert fetch(server, tmp_path, protocol).read_bytes() == b""


def test_prints_progress_without_a_terminal(tmp_path, capsys):
    with serve(Served(DATA)) as server:
        fetch(server, tmp_path)
    *_, last = lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= 10
    assert re.fullmatch(r"got: 9\.0 of 9\.0 MB, [\d.]+ MB/s, 0 s left", last)
