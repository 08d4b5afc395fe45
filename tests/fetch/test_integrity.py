"""Web pages and damaged files that come instead of data do not enter the cache."""

import gzip
import io
import zipfile

import pandas as pd
import pytest
from fault_server import Served, content, isolate, serve
from web_copies import OLD, cached, fails, get, sha256

PAGE = b"<!DOCTYPE html>\n<html><body>Log in to the network</body></html>"


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


def packed(kind: str) -> bytes:
    """A whole file with random bytes, of which some are no checksums."""
    buffer = io.BytesIO()
    if kind == "gz":
        return gzip.compress(content(5000))
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.tsv", content(5000))
    else:
        texts = [f"{number} {content(20, number).hex()}" for number in range(200)]
        pd.DataFrame({"source": texts, "english": texts}).to_parquet(buffer, compression="gzip")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["a.tsv", "a.csv.gz", "a.ZIP", "a.parquet", "a.tmx", "a.jsonl"])
@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PAGE, "text/html; charset=utf-8"),
        (PAGE, ""),
        (b"\xef\xbb\xbf <!-- portal --> <HTML>", "text/plain"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC>', "application/octet-stream"),
        (b"Please log in.", "Text/HTML"),
    ],
)
def test_a_login_page_does_not_enter_the_cache(name, data, media_type, tmp_path, capsys):
    served = Served(data, media_type=media_type)
    with serve(served) as server:
        message = fails(server, tmp_path, name)
        assert message.startswith(f"{server.url}/{name}: a web page came instead of the file, ")
        assert "login page of a network or proxy" in message
        assert cached(tmp_path) == []
        if name == "a.tsv":
            served.data, served.media_type, served.etag = OLD, "", '"2"'
            get(server, tmp_path)
            served.data, served.media_type, served.etag = data, media_type, '"3"'
            assert get(server, tmp_path) == OLD
            assert "a web page came instead" in capsys.readouterr().err


def test_what_only_looks_like_a_page_is_data(tmp_path):
    with serve(Served(packed("gz"), media_type="text/html")) as server:
        assert get(server, tmp_path, "a.tsv.gz")  # its checksum proves it
        server.served.data, server.served.etag = b"<tmx version='1.4'>", '"2"'
        server.served.media_type = "text/xml"
        assert get(server, tmp_path, "a.tmx")
        server.served.data, server.served.media_type = b"<heading>\ta title\n", "text/plain"
        assert get(server, tmp_path, "b.tsv")
        server.served.data = PAGE
        assert get(server, tmp_path, "c.html") == PAGE


@pytest.mark.parametrize(("kind", "flipped"), [("gz", 3000), ("zip", 3000), ("parquet", 3000)])
def test_a_damaged_download_does_not_enter_the_cache(kind, flipped, tmp_path):
    whole = packed(kind)
    damaged = bytearray(whole)
    damaged[flipped] ^= 1
    served = Served(bytes(damaged))
    with serve(served) as server:
        for data in (bytes(damaged), whole[:-1], whole[: len(whole) // 2], whole[:4], b""):
            served.data = data
            message = fails(server, tmp_path, f"a.{kind}")
            assert message.startswith(f"{server.url}/a.{kind}: not ")
            assert cached(tmp_path) == []
            assert not (tmp_path / "checksums.yaml").exists()
        served.data = whole
        assert get(server, tmp_path, f"a.{kind}") == whole
        # A new version that is damaged is an error: the old one would be another text.
        served.data, served.etag = bytes(damaged), '"2"'
        assert "a.parquet: not" in fails(server, tmp_path, f"a.{kind}") or kind != "parquet"


def test_a_damaged_file_with_a_known_checksum_is_reported_with_both(tmp_path):
    whole = packed("gz")
    with serve(Served(whole)) as server:
        get(server, tmp_path, "a.gz")
        server.served.data, server.served.etag = whole[:-1], '"2"'
        for options, known in (("", whole), (f"#sha256={sha256(OLD)}", OLD)):
            message = fails(server, tmp_path, "a.gz", options)
            assert "a.gz: not a whole gzip file" in message
            assert sha256(whole[:-1]) in message
            assert sha256(known) in message


def test_members_that_cannot_be_tried_are_for_the_reader(tmp_path):
    encrypted = bytearray(packed("zip"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(mark) + offset] |= 1
    with serve(Served(bytes(encrypted))) as server:
        assert get(server, tmp_path, "a.zip")
