import numpy as np
import pandas as pd
import pytest
from conftest import make_tokenizer, read_text
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PipelineError
from pipeline.pairs import (
    COLUMNS,
    SPLITS,
    Protocol,
    build_pairs,
    disjoint_training,
    read_tokenizer,
    sentence_key,
)

TOKENIZER = make_tokenizer().backend_tokenizer
ALL = Protocol(test=1, dev=1, train=10**6, max_words=64, max_subwords=512)


def diagonal(bitext):
    lengths = zip(bitext.source, bitext.english, strict=True)
    return [[(k, k) for k in range(min(len(s.split()), len(e.split())))] for s, e in lengths]


def rows_of(splits):
    return pd.concat([splits[name] for name in SPLITS], ignore_index=True)


def restated(source, english, links):
    """A pair's subword strings by the slow, obvious way: encode word by word."""
    found = []
    for i, j in links:
        s, e = source.split()[i], english.split()[j]
        if s != e:
            found.append((last_piece(s), last_piece(e)))
    return found


def last_piece(word):
    return TOKENIZER.encode(word, add_special_tokens=False).ids[-1]


WORD = st.sampled_from(
    [w for pair in read_text("de").values for side in pair for w in side.split()]
)
SENTENCE = st.lists(WORD, min_size=1, max_size=8).map(" ".join)


def any_links(source, english):
    """Sets of links between sentences of so many words."""
    return st.sets(st.tuples(st.integers(0, source - 1), st.integers(0, english - 1)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_pairs_equal_a_word_by_word_restatement(data):
    bitext = pd.DataFrame(
        data.draw(st.lists(st.tuples(SENTENCE, SENTENCE), min_size=8, max_size=12)),
        columns=["source", "english"],
    )
    links = [
        sorted(data.draw(any_links(len(s.split()), len(e.split()))))
        for s, e in zip(bitext.source, bitext.english, strict=True)
    ]
    expected, seen = [], set()
    for s, e, each in zip(bitext.source, bitext.english, links, strict=True):
        pairs = restated(s, e, each)
        if pairs and not {sentence_key(s), sentence_key(e)} & seen:
            seen |= {sentence_key(s), sentence_key(e)}
            expected.append((s, e, pairs))
    if len(expected) < 3:
        return
    rows = rows_of(build_pairs(bitext, links, TOKENIZER, ALL))
    found = [
        (
            row.source,
            row.english,
            list(
                zip(
                    row.source_ids[row.source_ends[row.source_words]],
                    row.english_ids[row.english_ends[row.english_words]],
                    strict=True,
                )
            ),
        )
        for row in rows.itertuples()
    ]
    assert found == expected


def test_splits_follow_the_order_and_the_sizes():
    bitext = read_text("de")
    protocol = Protocol(test=10, dev=5, train=20, max_words=64, max_subwords=512)
    splits = build_pairs(bitext, diagonal(bitext), TOKENIZER, protocol)
    assert {name: len(frame) for name, frame in splits.items()} == {
        "test": 10,
        "dev": 5,
        "train": 20,
    }
    assert list(rows_of(splits).source) == list(bitext.source[:35])
    assert list(splits["dev"].columns) == list(COLUMNS)


def test_a_sentence_is_in_one_split_only_whatever_its_case_and_punctuation():
    bitext = read_text("de").head(6)
    again = bitext.assign(source=bitext.source.str.upper() + " !")
    bitext = pd.concat([bitext, again, read_text("de").tail(3)], ignore_index=True)
    rows = rows_of(build_pairs(bitext, diagonal(bitext), TOKENIZER, ALL))
    assert len(rows) == 9
    for side in ("source", "english"):
        assert rows[side].map(sentence_key).is_unique


def test_no_held_out_sentence_trains_another_language():
    splits = {}
    for language, order in (("de", slice(None)), ("fr", slice(None, None, -1))):
        bitext = read_text(language)[order].reset_index(drop=True)
        protocol = Protocol(test=8, dev=8, train=99, max_words=64, max_subwords=512)
        splits[language] = build_pairs(bitext, diagonal(bitext), TOKENIZER, protocol)
    train = disjoint_training(splits)
    held_out = {
        sentence_key(text)
        for frames in splits.values()
        for name in ("test", "dev")
        for text in [*frames[name].source, *frames[name].english]
    }
    for language, frame in train.items():
        assert len(splits[language]["train"]) == 32
        assert len(frame) == 16  # the other 16 are held out in the other language
        assert not {sentence_key(text) for text in [*frame.source, *frame.english]} & held_out


def test_identical_words_and_long_sentences_are_left_out():
    bitext = pd.DataFrame(
        {
            "source": ["Berlin ist alt", "a b c d e", "Hund", "zu viele Stücke"],
            "english": ["Berlin is old", "f g h i j", "dog", "too manypieces"],
        }
    )
    protocol = Protocol(test=1, dev=1, train=9, max_words=4, max_subwords=512)
    links = [[(0, 0), (1, 1)], [(0, 0)], [(0, 0)], [(0, 0)]]
    rows = rows_of(build_pairs(bitext, links, TOKENIZER, protocol))
    assert list(rows.source) == ["Berlin ist alt", "Hund", "zu viele Stücke"]
    assert rows.source_words[0].tolist() == [1]
    limit = max(len(rows.source_ids[2]), len(rows.english_ids[2])) - 1
    protocol = Protocol(test=1, dev=0, train=9, max_words=4, max_subwords=limit)
    shorter = rows_of(build_pairs(bitext, links, TOKENIZER, protocol))
    assert "zu viele Stücke" not in set(shorter.source)


def test_too_few_sentences_are_refused():
    bitext = read_text("de")
    protocol = Protocol(test=40, dev=8, train=99, max_words=64, max_subwords=512)
    with pytest.raises(PipelineError, match="only 48 usable sentence pairs, but test 40 and dev 8"):
        build_pairs(bitext, diagonal(bitext), TOKENIZER, protocol)


def test_the_tokenizer_of_a_folder_does_not_pad_or_cut(encoder_folder, tmp_path):
    tokenizer = read_tokenizer(encoder_folder)
    tokenizer.enable_padding(length=300)
    tokenizer.enable_truncation(3)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    ids = read_tokenizer(tmp_path).encode("The dog sleeps under the table").ids
    assert len(ids) >= 8
    assert 0 not in np.array(ids)
