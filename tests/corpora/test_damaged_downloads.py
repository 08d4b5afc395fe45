"""A download that cannot be read is fetched again by the next run, unless an option is wrong."""

import pytest
from fault_server import Served, isolate, serve

from pipeline.common.errors import PipelineError
from pipeline.corpora.names import parse_corpus
from pipeline.corpora.reading import read_address

TMX = (
    "<tmx version='1.4'><body><tu><tuv xml:lang='de'><seg>Hund</seg></tuv>"
    "<tuv xml:lang='en'><seg>dog</seg></tuv></tu></body></tmx>"
)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


@pytest.mark.parametrize(
    ("name", "damaged", "whole"),
    [
        ("a.csv", 'source,english\nHund,"dog\nKuh,cow\n', "source,english\nHund,dog\n"),
        ("a.csv", "source,english\nHund,dog\nKuh\n", "source,english\nHund,dog\n"),
        ("a.tsv", "Hund\tdog\nKuh", "Hund\tdog\n"),
        ("a.jsonl", '{"source": "Hund", "engl', '{"source": "Hund", "english": "dog"}\n'),
        ("a.tmx", TMX[:-20], TMX),
    ],
)
def test_what_cannot_be_read_is_fetched_again(name, damaged, whole, tmp_path):
    with serve(Served(damaged.encode())) as server:
        corpus = parse_corpus(f"{server.url}/{name}", "de")
        with pytest.raises(PipelineError, match="; the copy is deleted, run the step again"):
            list(read_address(corpus, tmp_path / "cache", tmp_path / "checksums.yaml"))
        assert not (tmp_path / "checksums.yaml").exists()
        server.served.data = whole.encode()  # under the same ETag: the first one was damaged here
        pairs = list(read_address(corpus, tmp_path / "cache", tmp_path / "checksums.yaml"))
    assert pairs == [("Hund", "dog")]
    assert (tmp_path / "checksums.yaml").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv#source=de", "source,english\nHund,dog\n", "has no column 'de'"),
        ("a.csv#source=english", "source,english\nHund,dog\n", "both sides are 'english'"),
        ("a.tmx#source=sw", TMX, "has no segments in 'sw'"),
        ("a.txt", "Hund\tdog\n", "unknown ending"),
    ],
)
def test_a_wrong_option_leaves_the_copy(name, content, message, tmp_path):
    with serve(Served(content.encode())) as server:
        for _ in range(2):
            with pytest.raises(PipelineError, match=message):
                corpus = parse_corpus(f"{server.url}/{name}", "de")
                list(read_address(corpus, tmp_path / "cache", tmp_path / "checksums.yaml"))
        ranges = [range_ for _, range_ in server.served.requests]
        assert len(ranges) == 3
        assert ranges[-1] == "bytes=0-0"
