"""Corpora behind addresses: a real server, a real package index and a real hub, on loopback."""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest
import requests
from clones import ROOT, run
from folder_server import FolderServer, serve_folder
from hub import Hub
from package_index import isolate, make_wheel
from s3_store import s3_store

from pipeline.common.errors import PipelineError
from pipeline.corpora.catalogue import CATALOGUE
from pipeline.corpora.names import parse_corpus
from pipeline.corpora.reading import open_entry, read_address


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, FolderServer]]:
    """A folder and its server."""
    folder = tmp_path / "served"
    folder.mkdir()
    with serve_folder(folder) as server:
        yield folder, server


def read(name: str, language: str, cache: Path) -> list[tuple[str, str]]:
    pairs = read_address(parse_corpus(name, language), cache)
    sides = ([s.decode() if isinstance(s, bytes) else s for s in pair] for pair in pairs)
    return [(source.strip(), english.strip()) for source, english in sides]


def test_a_file_of_a_web_server_is_fetched_once(served, tmp_path):
    folder, server = served
    (folder / "a.tsv").write_text("Hund\tdog\n")
    assert read(f"{server.url}/a.tsv", "de", tmp_path / "cache") == [("Hund", "dog")]
    asked = len(server.requested)
    assert asked > 0
    assert read(f"{server.url}/a.tsv", "de", tmp_path / "cache") == [("Hund", "dog")]
    assert len(server.requested) == asked + 1  # has it changed?


def test_a_checksum_is_verified(served, tmp_path):
    folder, server = served
    (folder / "a.tsv").write_text("Hund\tdog\n")
    right = hashlib.sha256(b"Hund\tdog\n").hexdigest()
    assert read(f"{server.url}/a.tsv#sha256={right}", "de", tmp_path / "cache")
    with pytest.raises(PipelineError, match="sha256"):
        read(f"{server.url}/a.tsv#sha256={'0' * 64}", "de", tmp_path / "cache")


def test_an_entry_of_opus_reads_its_zip_by_the_store_s_codes(served, tmp_path):
    folder, server = served
    zip_file = folder / "OPUS-TED2020" / "v1" / "moses" / "en-zh_cn.txt.zip"
    zip_file.parent.mkdir(parents=True)
    with zipfile.ZipFile(zip_file, "w") as archive:
        archive.writestr("TED2020.en-zh_cn.zh_cn", "狗\n猫\n")
        archive.writestr("TED2020.en-zh_cn.en", "dog\ncat\n")
        archive.writestr("README", "x")
    entry = CATALOGUE["ted2020"]
    here = replace(entry, address=entry.address.replace("https://object.pouta.csc.fi", server.url))
    pairs = list(open_entry(here, "zh", tmp_path / "cache"))
    assert [(s.decode(), e.decode()) for s, e in pairs] == [("狗\n", "dog\n"), ("猫\n", "cat\n")]


def test_an_object_of_a_custom_store(tmp_path):
    public = {"x-amz-acl": "public-read"}
    with s3_store("team") as endpoint:
        requests.put(f"{endpoint}/team/de.tsv", b"Hund\tdog\n", headers=public, timeout=30)
        name = f"s3://team/{{language}}.tsv#endpoint={endpoint}"
        assert read(name, "de", tmp_path / "cache") == [("Hund", "dog")]
        with pytest.raises(PipelineError, match=r"s3://team/fr.tsv: HTTP 404"):
            read(name, "fr", tmp_path / "cache")


def test_a_member_of_a_package(tmp_path, monkeypatch):
    wheel = make_wheel(tmp_path / "index" / "sample")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("sample/de.tsv", "Hund\tdog\n")
    name = "package:sample==1.0/sample/{language}.tsv#sha256="
    name += hashlib.sha256(wheel.read_bytes()).hexdigest()
    with serve_folder(tmp_path / "index") as server:
        isolate(monkeypatch, f"{server.url}/")
        assert read(name, "de", tmp_path / "cache") == [("Hund", "dog")]
        with pytest.raises(PipelineError, match="has no such member"):
            read(name, "fr", tmp_path / "cache")


def test_a_parquet_of_the_hub(tmp_path):
    folder = tmp_path / "served"
    (folder / "de-en").mkdir(parents=True)
    rows = [{"translation": {"de": "Hund", "en": "dog"}}]
    pd.DataFrame(rows).to_parquet(folder / "de-en" / "train-00000-of-00001.parquet")
    repository = {"name": "Helsinki-NLP/opus-100", "kind": "dataset"}
    version = CATALOGUE["opus-100"].version
    served = type("Served", (Hub,), {"folder": folder, "commit": version, **repository})
    server = ThreadingHTTPServer(("127.0.0.1", 0), served)
    Thread(target=server.serve_forever, daemon=True).start()
    code = """
from pathlib import Path
from pipeline.corpora.catalogue import CATALOGUE
from pipeline.corpora.reading import open_entry
print(list(open_entry(CATALOGUE["opus-100"], "de", Path())))
"""
    endpoint = f"http://127.0.0.1:{server.server_port}"  # read when the client is imported
    result = run(ROOT, "python", "-c", code, HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path))
    server.shutdown()
    assert result.stdout.strip() == "[('Hund', 'dog')]", result.stderr
