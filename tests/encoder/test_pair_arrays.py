from itertools import chain, pairwise

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from tiny import build, read_text

from pipeline.encoder.pair_arrays import disjoint_training, load_split, ragged
from pipeline.pairs.word_pairs import sentence_key


def equal(split, other):
    """Whether two splits have the same arrays."""
    arrays, other_arrays = arrays_of(split), arrays_of(other)
    return all(np.array_equal(arrays[name], other_arrays[name]) for name in arrays)


def arrays_of(split):
    """All arrays of a split, by name."""
    arrays = dict(vars(split))
    for side in ("source", "english"):
        arrays |= {f"{side}.{name}": array for name, array in vars(arrays.pop(side)).items()}
    return arrays


@given(st.lists(st.integers(0, 5), min_size=1), st.data())
def test_ragged_gives_the_items_of_rows(counts, data):
    bounds = np.concatenate([[0], np.cumsum(counts)])
    rows = data.draw(st.lists(st.integers(0, len(counts) - 1)))
    items, new_bounds = ragged(bounds, np.array(rows, np.int64))
    expected = [list(range(bounds[row], bounds[row + 1])) for row in rows]
    assert items.tolist() == list(chain.from_iterable(expected))
    assert [items[start:end].tolist() for start, end in pairwise(new_bounds)] == expected


@given(st.lists(st.integers(0, 43)))
def test_taken_sentences_keep_their_words_and_pairs(sentences):
    split = build("de", test=2, dev=2)["train"][0]
    taken = split.take(sentences)
    assert len(taken) == len(sentences)
    for number, sentence in enumerate(sentences):
        alone = split.take([sentence])
        assert equal(taken.take([number]), alone)
        pairs = slice(*taken.pair_bounds[number : number + 2])
        before = taken.source.id_bounds[number], taken.english.id_bounds[number]
        for spans, alone_spans, by in zip(taken.pairs(), alone.pairs(), before, strict=True):
            expected = alone_spans.shifted(by)
            assert spans.first[pairs].tolist() == expected.first.tolist()
            assert spans.last[pairs].tolist() == expected.last.tolist()


def test_a_saved_split_is_mapped_from_disk(tmp_path):
    split = build("fr")["train"][0]
    split.save(tmp_path / "train")
    loaded = load_split(tmp_path / "train")
    assert equal(split, loaded)
    assert isinstance(loaded.source.ids, np.memmap)
    assert equal(loaded.head(3), split.take([0, 1, 2]))
    assert len(loaded.head(10**6)) == len(split)


def test_an_empty_split_can_be_saved(tmp_path):
    split = build("fr")["train"][0].head(0)
    split.save(tmp_path / "empty")
    assert len(load_split(tmp_path / "empty")) == 0


def test_held_out_sentences_do_not_train_other_languages():
    splits = {}
    for language, backwards in (("de", False), ("fr", True)):
        built = build(language, backwards, test=8, dev=8)
        splits[language] = {name: split for name, (split, _) in built.items()}
    train = disjoint_training(splits)
    held_out_text = pd.concat([read_text("de")[:16], read_text("fr")[32:]])
    held_out = set(map(sentence_key, held_out_text.values.ravel()))
    for language, split in train.items():
        assert len(splits[language]["train"]) == 32
        assert len(split) == 16  # the other 16 are held out in the other language
        assert not {*split.source.keys.tolist(), *split.english.keys.tolist()} & held_out
