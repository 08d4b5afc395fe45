"""Between this machine and the hub: stalls, proxies, certificates, and no network at all."""

import re
import shutil
import ssl
import time

import pytest
from certificate import make_certificate
from forward_proxy import Proxy, closed_port
from hub import Hub, serve
from hub_files import FILES, failure, fetch, fetched, new_home, set_timeouts, write_files
from huggingface_hub import constants

from pipeline.fetch.hub import client


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / "model")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    return new_home(tmp_path / "home", monkeypatch)


@pytest.fixture
def _impatient(monkeypatch):
    set_timeouts(monkeypatch, 0.3)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    ("fault", "where", "expected"),
    [
        ("silent", "tree", r"\(no data in time from http://127\.0\.0\.1:\d+\): check the network"),
        ("silent", "config.json", r"\(no data in time from .*, or raise HF_HUB_DOWNLOAD_TIMEOUT"),
        ("half", "config.json", r"\(no data in time from "),
        ("half", "model.safetensors", r"\(no data in time from "),
        ("cut", "model.safetensors", r"\(the connection to http://127\.0\.0\.1:\d+ broke off\): "),
    ],
)
def test_a_stalled_server_ends_soon(fault, where, expected, folder, monkeypatch):
    start = time.monotonic()
    with serve(Hub, folder=folder, fault=fault, where=where) as hub:
        text = failure(monkeypatch, hub.url)
    assert re.match(expected, text), text
    assert time.monotonic() - start < 10


def test_a_trickle_counts_as_a_stall(folder, monkeypatch):
    monkeypatch.setattr(client, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(client, "SLOW_BYTES", 1 << 30)
    with serve(Hub, folder=folder) as hub:
        assert failure(monkeypatch, hub.url).startswith("(no data in time from ")


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("fault", ["half", "cut", "503"])
def test_a_fault_that_passes_is_overcome(fault, folder, monkeypatch):
    with serve(Hub, folder=folder, fault=fault, where=r"\.safetensors", times=1) as hub:
        assert fetched(fetch(monkeypatch, hub.url)) == FILES


@pytest.mark.usefixtures("_impatient")
def test_what_a_failed_run_fetched_is_kept(folder, monkeypatch):
    with serve(Hub, folder=folder, fault="silent", where=r"\.safetensors") as hub:
        failure(monkeypatch, hub.url)
    with serve(Hub, folder=folder) as hub:
        assert fetched(fetch(monkeypatch, hub.url)) == FILES
        asked = {path.rpartition("/")[2] for _, path in hub.handler.requests}
    assert asked == {"model.safetensors"}


def test_without_the_network_a_complete_cache_is_enough(folder, monkeypatch):
    with serve(Hub, folder=folder) as hub:
        snapshot = fetch(monkeypatch, hub.url)
    for listing in (snapshot.parents[1] / "trees").iterdir():  # other programs keep none
        listing.unlink()
    assert fetch(monkeypatch, hub.url) == snapshot
    (snapshot / "model.safetensors").unlink()
    assert failure(monkeypatch, hub.url).startswith("(no connection to http://127.0.0.1:")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    text = failure(monkeypatch, hub.url)
    assert text.startswith(f"(HF_HUB_OFFLINE is set, and {constants.HF_HUB_CACHE} has no complete")


def test_servers_that_are_not_there(monkeypatch):
    url = closed_port()
    refused = f"(no connection to {url}, connection refused): check the network and HF_ENDPOINT"
    assert failure(monkeypatch, url) == refused
    assert failure(monkeypatch, url.replace("//", "//alice:hunter2@")) == refused
    text = failure(monkeypatch, "http://hub.invalid")
    assert text.startswith("(http://hub.invalid is not known to the name server): check the net")
    assert failure(monkeypatch, "hub.invalid").startswith("('hub.invalid' is not an address): wri")


def test_certificates(folder, tmp_path, monkeypatch):
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serve(Hub, folder=folder) as hub:
        url = hub.url.replace("http:", "https:")
        plain = failure(monkeypatch, url)
        assert plain.startswith(f"(the encrypted connection to {url} fails, wrong version number)")
        hub.socket = context.wrap_socket(
            hub.socket, server_side=True, do_handshake_on_connect=False
        )
        untrusted = failure(monkeypatch, url)
        assert untrusted.startswith(f"(the certificate of {url} is not trusted, self-signed cert")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert fetched(fetch(monkeypatch, url)) == FILES


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    ("mode", "scheme", "expected"),
    [
        ("407", "http", r"\({} asks for a user and password, HTTP 407\): put them into the var"),
        ("407", "https", r"\({} asks for a user and password, HTTP 407\): put them into the var"),
        ("403", "http", r"\(HTTP 403 through {}\): "),
        ("403", "https", r"\({} refuses, 403 Forbidden\): check the variable and the network"),
        ("503", "http", r"\(HTTP 503 from http://hub.example through {}\): try again later"),
        ("silent", "http", r"\(no data in time from http://hub.example through {}\): "),
        ("silent", "https", r"\(no data in time from https://hub.example through {}\): "),
    ],
)
def test_a_proxy_is_blamed_by_its_variable(mode, scheme, expected, monkeypatch):
    with serve(Proxy, mode=mode) as proxy:
        host = proxy.url.removeprefix("http://")
        monkeypatch.setenv(f"{scheme}_proxy".upper(), f"http://alice:hunter2@{host}")
        text = failure(monkeypatch, f"{scheme}://hub.example")
    shown = re.escape(f"the proxy {scheme.upper()}_PROXY=http://{host}")
    assert re.match(expected.format(shown), text), text


def test_a_proxy_forwards_and_no_proxy_goes_around_it(folder, home, monkeypatch):
    with serve(Hub, folder=folder) as hub:
        with serve(Proxy) as proxy:
            monkeypatch.setenv("all_proxy", proxy.url)
            assert fetched(fetch(monkeypatch, hub.url)) == FILES
            assert len(proxy.handler.requests) == len(hub.handler.requests)
        shutil.rmtree(home)
        text = failure(monkeypatch, hub.url)
        assert text.startswith(f"(no connection to the proxy all_proxy={proxy.url}, connection ref")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert fetched(fetch(monkeypatch, hub.url)) == FILES


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ALL_PROXY", "proxy.invalid:1", "the proxy ALL_PROXY=proxy.invalid:1 is not known to the"),
        ("ALL_PROXY", "socks5://alice:hunter2@h:1", "ALL_PROXY=socks5://h:1 needs a package for S"),
        ("https_proxy", "socks4://h:1", "https_proxy=socks4://h:1 is not the address of a proxy)"),
        ("HTTP_PROXY", "http://alice:hunter2#x@h:1", "HTTP_PROXY=http://h:1 is not the address of"),
        ("HTTPS_PROXY", "http://h:port", "HTTPS_PROXY=http://h:port is not the address of a proxy"),
        ("SSL_CERT_FILE", "/absent.pem", "SSL_CERT_FILE=/absent.pem has no certificates): correct"),
    ],
)
def test_an_environment_that_cannot_work(variable, value, expected, monkeypatch):
    monkeypatch.setenv(variable, value)
    text = failure(monkeypatch, "https://hub.example")
    assert text.startswith(f"({expected}"), text
