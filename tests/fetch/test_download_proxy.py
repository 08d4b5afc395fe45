"""A proxy that does not let a download through is blamed, without its password."""

import pytest
from fault_server import isolate
from forward_proxy import Proxy, closed_port
from hub import serve

from pipeline.common.errors import PipelineError
from pipeline.fetch.download import download

ASKS = "the proxy asks for a user and password, HTTP 407: put them into HTTP(S)_PROXY"


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


def failure(scheme, tmp_path):
    with pytest.raises(PipelineError) as error:
        download(f"{scheme}://server.example/a", tmp_path / "a")
    assert "hunter2" not in str(error.value)
    return str(error.value).removeprefix(f"{scheme}://server.example/a: ")


@pytest.mark.parametrize(
    ("mode", "scheme", "expected"),
    [
        ("407", "http", ASKS),
        ("407", "https", ASKS),
        ("403", "https", "the proxy refuses, HTTP 403, 7 times: check the network and proxy"),
        ("503", "https", "the proxy refuses, HTTP 503, 7 times: check the network and proxy"),
    ],
)
def test_a_refusal(mode, scheme, expected, tmp_path, monkeypatch):
    with serve(Proxy, mode=mode) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url.replace("//", "//alice:hunter2@"))
        assert failure(scheme, tmp_path).startswith(expected)


def test_a_proxy_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", closed_port())
    assert failure("https", tmp_path).startswith("the proxy does not respond, 7 times: check")


def test_a_socks_proxy_without_its_package(tmp_path, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://alice:hunter2@proxy.example:1080")
    assert failure("https", tmp_path).startswith("the proxy needs a package for SOCKS: run `pip in")
