import numpy as np
import pandas as pd
import pytest
from clones import ROOT
from tiny import make_tokenizer

from pipeline.analyses.word_groups import (
    COUNT_EDGES,
    COUNTS,
    RATIOS,
    AnalysedCorpus,
    bins,
    count_bins,
    length_bins,
    ratio_bins,
    read_words,
    script,
    shared_subwords,
)
from pipeline.common.errors import PipelineError

SOURCE = ["Der Hund sieht Paris", "der Hund schläft", "ein Hund , drei Katzen", "Σπίτι 7"]
ENGLISH = ["The dog sees Paris", "the dog sleeps", "a dog , three cats", "House 7"]


def table(*rows):
    names = ["line", "source_index", "english_index", "source_word", "english_word"]
    return pd.DataFrame(rows, columns=names)


PAIRS = table(
    (0, 0, 0, "Der", "The"),
    (0, 1, 1, "Hund", "dog"),
    (0, 3, 3, "Paris", "Paris"),
    (3, 0, 0, "Σπίτι", "House"),
    (3, 1, 1, "7", "7"),
)
TRAINING = table(
    (1, 0, 0, "der", "the"),
    (1, 1, 1, "Hund", "dog"),
    (2, 1, 1, "Hund", "dog"),
    (2, 4, 4, "Katzen", "cats"),
    (2, 0, 0, "Hund", "the"),
    (2, 0, 0, "HAUS", "house"),
)


@pytest.fixture(scope="module")
def found():
    corpus = AnalysedCorpus(PAIRS, TRAINING, SOURCE, ENGLISH, np.array([1, 2]))
    return bins(corpus, {"the", "a"}, make_tokenizer().backend_tokenizer)


@pytest.mark.parametrize(
    ("analysis", "to_english", "from_english"),
    [
        ("class", "closed open open open no_letters", None),
        # der 1, Hund 2; the 1, dog 2, in lines 1 and 2
        ("frequency", "1 2–3 0 0 0", "1 2–3 0 0 0"),
        ("frequency ratio", "1/2–2 1/2–2 1/2–2 1/2–2 1/2–2", None),
        ("contexts", "1 2–3 0 0 0", "2–3 2–3 0 1 0"),
        ("translations", "1 2–3 0 0 0", "2–3 1 0 1 0"),
        ("seen", "same_pair same_pair neither one_word neither", None),
        ("script", "same same same different no_letters", None),
        ("length", "1–5 1–5 1–5 1–5 1–5", None),
        # The tiny tokenizer has no digits: 7 is [UNK] on both sides, which says nothing.
        ("subwords", "none_shared none_shared shared none_shared none_shared", None),
    ],
)
def test_each_analysis_of_five_pairs_by_hand(found, analysis, to_english, from_english):
    each = found[analysis]
    for labels, expected in (
        (each.to_english, to_english),
        (each.from_english, from_english or to_english),
    ):
        assert labels.tolist() == [label.replace("_", " ") for label in expected.split()]
    assert {*each.to_english, *each.from_english} <= {*each.names}


def test_parts_of_speech_have_an_analysis_where_they_were_tagged(found):
    parts = np.array(["determiner", "noun", "proper noun", "noun", "numeral"], object)
    corpus = AnalysedCorpus(PAIRS, TRAINING, SOURCE, ENGLISH, np.array([1, 2]), parts)
    tagged = bins(corpus, {"the", "a"}, make_tokenizer().backend_tokenizer)
    assert set(tagged) - set(found) == {"part of speech"}
    assert tagged["part of speech"].from_english.tolist() == parts.tolist()


def test_seen_apart_is_not_seen_together():
    pairs = table((0, 0, 0, "Katzen", "dog"))
    corpus = AnalysedCorpus(pairs, TRAINING, SOURCE, ENGLISH, np.array([1, 2]))
    found = bins(corpus, set(), make_tokenizer().backend_tokenizer)
    assert found["seen"].to_english.tolist() == ["both words"]


def test_an_encoder_that_was_not_trained_has_seen_nothing():
    corpus = AnalysedCorpus(PAIRS, TRAINING.head(0), SOURCE, ENGLISH, np.array([], np.int64))
    found = bins(corpus, set(), make_tokenizer().backend_tokenizer)
    assert set(found["seen"].to_english) == {"neither"}
    for analysis in ("frequency", "contexts", "translations"):
        assert set(found[analysis].from_english) == {"0"}


def test_bins_of_counts_double():
    assert COUNTS[:6] == ["0", "1", "2–3", "4–7", "8–15", "16–31"]
    assert COUNTS[-2:] == ["512–1023", "1024+"]
    counts = np.array([0, 1, 2, 3, 4, 7, 8, 1023, 1024, 10**9])
    assert count_bins(counts).tolist() == [
        *("0", "1", "2–3", "2–3", "4–7", "4–7", "8–15", "512–1023", "1024+", "1024+")
    ]
    assert len(COUNTS) == len(COUNT_EDGES)


def test_bins_of_ratios_are_symmetric_and_bounds_are_nearer_to_1():
    counts = np.array([0, 0, 0, 0, 0, 3, 15])
    others = np.array([0, 1, 2, 7, 8, 0, 0])
    expected = ["1/2–2", "1/2–2", "1/8–1/2", "1/8–1/2", "under 1/8", "2–8", "over 8"]
    assert ratio_bins(counts, others).tolist() == expected
    turned = dict(zip(RATIOS, reversed(RATIOS), strict=True))
    assert ratio_bins(others, counts).tolist() == [turned[name] for name in expected]


def test_bins_of_lengths():
    lengths = [1, 5, 6, 10, 11, 20, 21, 40, 41, 999]
    expected = [name for name in ("1–5", "6–10", "11–20", "21–40", "41+") for _ in range(2)]
    assert length_bins(lengths).tolist() == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Haus", "LATIN"),
        ("'éa", "LATIN"),
        ("дом", "CYRILLIC"),
        ("σπίτι", "GREEK"),
        ("家", "CJK"),
        ("いえ", "HIRAGANA"),
        ("بيت", "ARABIC"),
        ("3-я", "CYRILLIC"),
        ("3.5", ""),
        ("", ""),
    ],
)
def test_the_script_of_a_word(word, expected):
    assert script(word) == expected


def test_special_tokens_and_bare_signs_are_not_shared_subwords():
    pairs = table((0, 0, 0, "☃", "☂"), (0, 0, 0, ",-", ",."), (0, 0, 0, "ab", "cb"))
    tokenizer = make_tokenizer().backend_tokenizer
    assert tokenizer.encode("☃", add_special_tokens=False).tokens == ["[UNK]"]
    assert shared_subwords(pairs, tokenizer).tolist() == ["none shared", "none shared", "shared"]


def test_a_list_of_words_has_comments_and_empty_lines(tmp_path):
    path = tmp_path / "en.txt"
    path.write_text("# determiners\n\na\n'll\n#\n", "utf-8")
    assert read_words(path) == {"a", "'ll", "#"}
    with pytest.raises(PipelineError, match=r"nowhere: is missing: run dvc pull data"):
        read_words(tmp_path / "nowhere")


def test_the_closed_classes_of_the_project_are_lower_case_words_written_once():
    path = ROOT / "data" / "closed_class" / "en.txt"
    lines = [line for line in path.read_text("utf-8").splitlines() if line and line[:2] != "# "]
    assert len(lines) == len(set(lines)) == len(read_words(path)) > 300
    assert all(line == line.casefold() and " " not in line for line in lines)
    words = read_words(path)
    assert {"the", "he", "of", "and", "must", "not", "which", "n't", "'s", "seven"} <= words
    assert words.isdisjoint({"house", "run", "new", "quickly", "device", "say"})
