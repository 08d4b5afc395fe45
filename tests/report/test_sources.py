import json

import numpy as np
import pandas as pd
import pytest

from pipeline.common.errors import PipelineError
from pipeline.corpora.catalogue import CATALOGUE
from pipeline.report.heldout import read_tests
from pipeline.report.sources import corpora_rows, method_settings, provenance_rows, training_sizes


def test_a_corpus_has_its_languages_and_licence():
    cleaning = pd.DataFrame(
        [("de", "kept", 4321), ("de", "bar", 5), ("fr", "kept", 99)],
        columns=["language", "fate", "pairs"],
    )
    rows = corpora_rows({"de": ["tatoeba", "file:own.tsv"], "fr": ["tatoeba"]}, cleaning)
    entry = CATALOGUE["tatoeba"]
    marked = corpora_rows({"de": ["tatoeba"], "fr": ["tatoeba"]}, cleaning, ["fr"])
    assert marked["languages"].tolist() == ["de (4,321), fr (99) (not aligned)"]
    assert rows.values.tolist() == [
        ["tatoeba", "de (4,321), fr (99)", entry.version, entry.licence, entry.citation],
        ["file:own.tsv", "de (4,321)", "", "own file", ""],
    ]


def test_provenance_is_flat_and_may_be_missing(tmp_path):
    (tmp_path / "l2").mkdir()
    content = {"step": "align", "params": {"layers": [-1], "seed": 1, "more": {"a": None}}}
    (tmp_path / "l2" / "provenance.json").write_text(json.dumps(content))
    rows = provenance_rows(tmp_path, ["base", "l2"])
    assert rows.values.tolist() == [
        ["l2", "step", "", "align"],
        ["l2", "params", "layers", "[-1]"],
        ["l2", "params", "seed", "1"],
        ["l2", "params", "more.a", "null"],
    ]
    assert provenance_rows(tmp_path, ["base"]).empty


def test_the_settings_of_a_method_are_those_it_was_made_with(tmp_path):
    made = {"base": {"encoder": {"name": "x"}}, "l2": {"align.l2": {"sentences": 8}}}
    for method, params in made.items():
        (tmp_path / method).mkdir()
        (tmp_path / method / "provenance.json").write_text(json.dumps({"params": params}))
    found = method_settings(tmp_path, ["base", "l2"])
    assert found == {"base": {}, "l2": {"sentences": 8}}


def test_training_sentence_pairs_are_counted_once(tmp_path):
    (tmp_path / "de").mkdir()
    pd.DataFrame({"line": [4, 4, 7]}).to_parquet(tmp_path / "de" / "train.parquet")
    assert training_sizes(tmp_path, ["de"]) == {"de": 2}


@pytest.fixture
def folders(tmp_path):
    """Two pairs in the sentences 1 and 3 of four."""
    for name in ("judge/de", "pairs/de", "tokenize/de", "retrieval/l2/de"):
        (tmp_path / name).mkdir(parents=True)
    pairs = pd.DataFrame({"line": [1, 3], "source_index": [0, 1], "english_index": [0, 0]})
    pairs.to_parquet(tmp_path / "pairs/de/test.parquet")
    found_by = pd.DataFrame({"found_by": ["both", "fast_align"]})
    found_by.to_parquet(tmp_path / "judge" / "de" / "test.parquet")
    for side in ("source", "english"):
        lines = "".join(f"{side} {number}\n" for number in range(4))
        (tmp_path / "tokenize" / "de" / f"{side}.txt").write_text(lines)
    for name in ("outcomes", "neighbours", "map"):
        frame = pd.DataFrame({"name": [name, name]})
        frame.to_parquet(tmp_path / "retrieval" / "l2" / "de" / f"{name}.parquet")
    return {name: tmp_path / name for name in ("judge", "pairs", "tokenize", "retrieval")}


def test_the_test_words_are_read_with_their_sentences(folders):
    tests, found = read_tests(folders, ["de"], ["l2"])
    np.testing.assert_array_equal(tests["de"].sentence, [0, 1])
    assert tests["de"].source == ["source 1", "source 3"]
    assert tests["de"].english == ["english 1", "english 3"]
    assert tests["de"].found_by.tolist() == ["both", "fast_align"]
    assert found["de"]["l2"].map.name.tolist() == ["map", "map"]


def test_outcomes_of_other_words_are_refused(folders):
    pd.DataFrame({"name": ["x"]}).to_parquet(
        folders["retrieval"] / "l2" / "de" / "outcomes.parquet"
    )
    with pytest.raises(PipelineError, match="l2 has outcomes of 1 words in de, which has 2"):
        read_tests(folders, ["de"], ["l2"])


def test_pairs_that_were_not_judged_are_refused(folders):
    one = pd.DataFrame({"found_by": ["both"]})
    one.to_parquet(folders["judge"] / "de" / "test.parquet")
    with pytest.raises(PipelineError, match="which has 2 test pairs, 1 of them judged: run `dvc"):
        read_tests(folders, ["de"], ["l2"])
