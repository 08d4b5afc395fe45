"""Unsigned and signed downloads from an S3 server (moto)."""

import re

import pytest
import requests
from fault_server import Served, content, isolate, serve
from s3_store import s3_store

from pipeline.common.errors import PipelineError
from pipeline.fetch.download import download

DATA = content(9_000_001)
KEYS = ["v8/moses/bg-en.txt.zip", "with space+plus/ключ %41?x#y&z=~(1).bin"]


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


@pytest.fixture(scope="module")
def store():
    """The endpoint of a store with one bucket."""
    with s3_store("corpora") as endpoint:
        for key in KEYS:
            quoted = requests.utils.quote(key, safe="/")
            acl = {"x-amz-acl": "public-read"}
            requests.put(f"{endpoint}/corpora/{quoted}", DATA, headers=acl, timeout=30)
        yield endpoint


@pytest.fixture
def signed(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrEXAMPLE")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "sessionEXAMPLE")


@pytest.mark.parametrize("key", KEYS)
def test_fetches_unsigned(key, store, tmp_path):
    path = download(f"s3://corpora/{key}", tmp_path / "got", endpoint=store)
    assert path.read_bytes() == DATA


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("key", KEYS)
def test_fetches_signed(key, store, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    assert download(f"s3://corpora/{key}", tmp_path / "got").read_bytes() == DATA


@pytest.mark.parametrize("url", ["s3://corpora/none", "s3://none/key"])
def test_reports_a_missing_object_or_bucket(url, store, tmp_path):
    with pytest.raises(PipelineError) as error:
        download(url, tmp_path / "got", endpoint=store)
    assert str(error.value) == f"{url}: HTTP 404, there is no such file: check the address"
    assert list(tmp_path.iterdir()) == []


def test_signs_only_with_credentials(tmp_path, request):
    with serve(Served(DATA)) as server:
        download("s3://bucket/key", tmp_path / "got", endpoint=server.url)
        assert all("authorization" not in headers for headers in server.served.headers)
        request.getfixturevalue("signed")
        server.served.headers.clear()
        download("s3://bucket/key", tmp_path / "got", endpoint=server.url)
        for headers in server.served.headers:
            scope = r"AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/\d+/us-east-1/s3/aws4_request"
            assert re.match(scope, headers["authorization"])
            assert headers["x-amz-security-token"] == "sessionEXAMPLE"


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("fault", ["503", "403", "truncate", None])
def test_credentials_stay_secret(fault, tmp_path, capfd):
    with (
        serve(Served(DATA, fault=lambda *_: fault)) as server,
        pytest.raises(PipelineError) as error,
    ):
        download("s3://bucket/key", tmp_path / "got", endpoint=server.url, sha256="0" * 64)
    journal = "".join(path.read_text(errors="replace") for path in tmp_path.glob("*.journal"))
    for text in (str(error.value), journal, *capfd.readouterr()):
        assert "EXAMPLE" not in text
        assert "Signature" not in text


def test_refuses_credentials_in_the_address(tmp_path):
    with pytest.raises(PipelineError) as error:
        download("s3://AKIAEXAMPLE:wJalrEXAMPLE@bucket/key", tmp_path / "got")
    assert "EXAMPLE" not in str(error.value)


def test_refuses_an_invalid_endpoint(tmp_path):
    with pytest.raises(PipelineError, match=r"^store:80: not an endpoint"):
        download("s3://bucket/key", tmp_path / "got", endpoint="store:80")
