from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tiny import build, read_text

from pipeline.encoder.pair_arrays import disjoint_training, load_split, ragged
from pipeline.pairs.word_pairs import sentence_key


def equal(one, two):
    """Whether two splits have the same arrays."""
    sides = all(
        np.array_equal(getattr(mine, name), getattr(getattr(two, side), name))
        for side in ("source", "english")
        for mine in [getattr(one, side)]
        for name in vars(mine)
    )
    rest = ("source_words", "english_words", "pair_bounds")
    return sides and all(np.array_equal(getattr(one, name), getattr(two, name)) for name in rest)


@given(st.lists(st.integers(0, 5), min_size=1), st.data())
def test_ragged_finds_the_items_of_rows(counts, data):
    bounds = np.concatenate([[0], np.cumsum(counts)])
    rows = data.draw(st.lists(st.integers(0, len(counts) - 1)))
    at, new = ragged(bounds, np.array(rows, np.int64))
    expected = [list(range(bounds[row], bounds[row + 1])) for row in rows]
    assert at.tolist() == [item for items in expected for item in items]
    assert [at[a:b].tolist() for a, b in pairwise(new)] == expected


@given(st.lists(st.integers(0, 43)))
def test_taking_sentences_takes_all_that_is_theirs(rows):
    split = build("de", test=2, dev=2)["train"][0]
    taken = split.take(rows)
    assert len(taken) == len(rows)
    for number, row in enumerate(rows):
        assert equal(taken.take([number]), split.take([row]))
    for number, row in enumerate(rows):
        own = slice(*taken.pair_bounds[number : number + 2])
        before = taken.source.id_bounds[number], taken.english.id_bounds[number]
        for spans, alone, by in zip(taken.pairs(), split.take([row]).pairs(), before, strict=True):
            assert spans.first[own].tolist() == alone.shifted(by).first.tolist()
            assert spans.last[own].tolist() == alone.shifted(by).last.tolist()


def test_a_saved_split_is_mapped_from_disk(tmp_path):
    split = build("fr")["train"][0]
    split.save(tmp_path / "train")
    again = load_split(tmp_path / "train")
    assert equal(split, again)
    assert isinstance(again.source.ids, np.memmap)
    assert equal(again.head(3), split.take([0, 1, 2]))
    assert len(again.head(10**6)) == len(split)


def test_an_empty_split_is_saved_too(tmp_path):
    split = build("fr")["train"][0].head(0)
    split.save(tmp_path / "empty")
    assert len(load_split(tmp_path / "empty")) == 0


def test_no_held_out_sentence_trains_another_language():
    splits = {}
    for language, backwards in (("de", False), ("fr", True)):
        built = build(language, backwards, test=8, dev=8)
        splits[language] = {name: split for name, (split, _) in built.items()}
    train = disjoint_training(splits)
    held_out = {
        sentence_key(text)
        for language, part in (("de", slice(0, 16)), ("fr", slice(32, 48)))
        for text in read_text(language)[part].values.ravel()
    }
    for language, split in train.items():
        assert len(splits[language]["train"]) == 32
        assert len(split) == 16  # the other 16 are held out in the other language
        assert not {*split.source.keys.tolist(), *split.english.keys.tolist()} & held_out
