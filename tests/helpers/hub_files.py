"""What the tests of the hub share: a tiny repository, and fetching it in this process."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from fault_server import isolate
from hub import Hub
from huggingface_hub import constants, file_download

from pipeline.common.errors import PipelineError
from pipeline.fetch.hub import client
from pipeline.obtain.hub import hub_snapshot

SECRETS = ("hunter2", "sig-nature", Hub.token, "pässword")
FILES = {
    "config.json": b'{"model_type": "bert"}',
    "tokenizer.json": b"{}",
    "vocab.txt": b"[UNK]",
    "sentencepiece.bpe.model": b"pieces",
    "model.safetensors": bytes(range(256)) * 400,
}


def write_files(folder: Path) -> Path:
    """A folder with FILES."""
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def new_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, no proxies and short pauses: the hub reads its variables at import."""
    isolate(monkeypatch)
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr(client, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(client, "TRIES", 2)
    return home


def set_endpoint(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def set_timeouts(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", seconds)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", seconds)


def fetch(monkeypatch, url, name="team/tiny", commit=Hub.commit) -> Path:
    set_endpoint(monkeypatch, url)
    return hub_snapshot(name, commit)


def failure(monkeypatch, url, name="team/tiny", commit=Hub.commit) -> str:
    """The text after `not downloaded ` of the one line with which fetching fails."""
    with pytest.raises(PipelineError) as error:
        fetch(monkeypatch, url, name, commit)
    text = str(error.value)
    assert len(text.splitlines()) == 1
    assert not any(secret in text for secret in SECRETS)
    head = f"encoder {name!r} at {commit[:8]}: not downloaded "
    assert text.startswith(head)
    return text.removeprefix(head)


def fetched(folder: Path) -> dict[str, bytes]:
    """The content of each file below a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
