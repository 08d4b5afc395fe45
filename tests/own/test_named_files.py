"""Which files params name, by every form in which they can."""

from pathlib import Path

import pytest

from pipeline.common.errors import PipelineError
from pipeline.own.named_files import corpus_files, encoder_files, inference_files, tagger_files

COMMIT = "0" * 40


def paths(named):
    return [file.path.as_posix() for file in named]


@pytest.mark.parametrize(
    ("corpus", "expected"),
    [
        ("software", []),
        ("europarl", []),
        ("https://example.org/a.tsv", []),
        ("s3://bucket/own/a.tsv", []),
        (f"hf:own/name@{COMMIT}/a.parquet", []),
        ("package:own==1.0/a.tsv#sha256=00", []),
        ("file:own/a.tsv", ["own/a.tsv"]),
        ("file:./own//a.tsv", ["own/a.tsv"]),
        ("file:own/a.csv#source=x&english=y", ["own/a.csv"]),
        ("file:own/{language}.zip#member={language}.tsv", ["own/sw.zip"]),
        ("file:own/sw.txt,own/en.txt", ["own/sw.txt", "own/en.txt"]),
        ("file:own/sw.txt.gz,own/a,b.txt", ["own/sw.txt.gz", "own/a,b.txt"]),
    ],
)
def test_files_of_a_corpus(corpus, expected):
    named = corpus_files("languages.sw.corpus", corpus, "sw")
    assert paths(named) == expected
    assert not any(file.optional for file in named)


def test_other_spellings_are_no_address():
    for corpus in ("File:own/a.tsv", "FILE:own/a.tsv", "own/a.tsv", "file:", "file:own/a.tsv#x=y"):
        with pytest.raises(PipelineError, match=r"is no word of the catalogue nor file:"):
            corpus_files("languages.sw.corpus", corpus, "sw")


@pytest.mark.parametrize(
    ("address", "expected", "optional"),
    [
        ("https://example.org/{language}.tsv", [], False),
        ("file:own/test.tsv#language=lang", ["own/test.tsv"], False),
        ("file:own/test-{language}.tsv", ["own/test-en.tsv", "own/test-sw.tsv"], True),
        ("file:own/all.zip#member={language}.tsv", ["own/all.zip"], False),
        ("file:own/train,a.tsv", ["own/train,a.tsv"], False),
    ],
)
def test_files_of_inference_data(address, expected, optional):
    named = inference_files("nli.files.test", address, ["sw"])
    assert paths(named) == expected
    assert {file.optional for file in named} <= {optional}


def test_an_encoder_is_a_folder_unless_it_is_the_embedded_one_or_has_a_revision():
    assert encoder_files("e5-small", None, Path("own")) == []
    assert encoder_files("org/name", COMMIT, Path("own")) == []
    assert paths(encoder_files("own/xlmr/", None, Path("own"))) == ["own/xlmr"]
    assert paths(encoder_files("org/name", None, Path("own"))) == ["org/name"]


def test_a_folder_of_ones_own_is_never_taken_for_a_name_of_the_hub():
    with pytest.raises(PipelineError, match=r"encoder.revision: own/xlmr is your own folder: "):
        encoder_files("own/xlmr", COMMIT, Path("own"))


def test_a_tagger_is_an_installed_pipeline_or_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert tagger_files("en_core_web_sm==3.8.0") == []
    assert paths(tagger_files("own/tagger==1.0")) == ["own/tagger"]
    Path("beside").mkdir()
    assert paths(tagger_files("beside==1.0")) == ["beside"]
