"""Credentials and signed queries appear in no output, error or journal."""

import pytest
from fault_server import Served, content, isolate, serve

from pipeline.common.errors import PipelineError
from pipeline.common.redact import redacted
from pipeline.fetch.download import download

DATA = content(9_000_001)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


SECRETS = ("alice", "hunter2", "sig-nature", "to-ken")


@pytest.mark.parametrize("fault", ["503", "404", "reset", "truncate", "location http://[", None])
def test_secrets_stay_secret(fault, tmp_path, capfd):
    with serve(Served(DATA, fault=lambda *_: fault)) as server:
        host = server.url.removeprefix("http://")
        url = f"http://alice:hunter2@{host}/key?X-Amz-Signature=sig-nature#to-ken"
        with pytest.raises(PipelineError) as error:
            download(url, tmp_path / "got", sha256="0" * 64)
        assert server.served.headers[0]["authorization"].startswith("Basic ")
    journal = "".join(path.read_text(errors="replace") for path in tmp_path.glob("*.journal"))
    for text in (str(error.value), journal, *capfd.readouterr()):
        assert not any(secret in text for secret in SECRETS)
    assert error.value.__cause__ is None
    assert f"http://{host}/key: " in str(error.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pa@ss@host:1/a/b@c?token=x#y", "https://host:1/a/b@c"),
        ("s3://KEY:SECRET@bucket/a key", "s3://bucket/a key"),
        ("http://host/a\nb\x1b[2J", "http://host/ab[2J"),
        ("user:password@host/a", "host/a"),
    ],
)
def test_redacted_address(url, shown):
    assert redacted(url) == shown
