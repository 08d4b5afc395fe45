"""Files of a server on loopback, got through the cache of downloads."""

import hashlib
from pathlib import Path

import pytest

from pipeline.common.errors import PipelineError
from pipeline.fetch.addresses import parse_address
from pipeline.fetch.local_copy import local_file

OLD, NEW = b"Hund\tdog\n", b"Katze\tcat\n"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def get(server, folder: Path, name: str = "a.tsv", options: str = "") -> bytes:
    """The content of the server's file, through the cache; with `folder` for all that stays."""
    address = parse_address(f"{server.url}/{name}{options}", "corpus", ())
    with local_file(address, folder / "cache", folder / "checksums.yaml") as path:
        return path.read_bytes()


def fails(server, folder: Path, name: str = "a.tsv", options: str = "") -> str:
    with pytest.raises(PipelineError) as error:
        get(server, folder, name, options)
    assert "\n" not in str(error.value)
    return str(error.value)


def cached(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "cache").rglob("*") if path.is_file())
