"""The words of a bitext with their subwords, on flat arrays.

The text of a distinct word, a type, is read only once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..encoder.pair_arrays import Side, ragged
from ..encoder.subwords import Subwords


@dataclass(frozen=True)
class TextTypes:
    """The words of one side as types."""

    types: np.ndarray  # index in the vocabulary, int32 [words]
    bounds: np.ndarray  # of the sentences, int64 [sentences + 1]


@dataclass(frozen=True)
class PlacedWords:
    """All words of one side; arrays are [words], except `bounds`."""

    types: np.ndarray  # index in the vocabulary
    forms: np.ndarray  # of their subwords
    bounds: np.ndarray  # of the sentences, [sentences + 1]
    first: np.ndarray  # position of the first subword in its sentence
    last: np.ndarray
    usable: np.ndarray  # whether the word has subwords, none of them cut off


def text_types(texts: Sequence[Sequence[str]]) -> tuple[pa.Array, list[TextTypes]]:
    """The distinct words of both sides, and the words of each side as their types."""
    lists = [pc.split_pattern(pa.array(text, pa.large_string()), " ") for text in texts]
    encoded = pa.concat_arrays([words.values for words in lists]).dictionary_encode()
    types = np.split(encoded.indices.to_numpy(), [len(lists[0].values)])
    bounds = [words.offsets.to_numpy().astype(np.int64) for words in lists]
    return encoded.dictionary, [TextTypes(*text) for text in zip(types, bounds, strict=True)]


def place(text: TextTypes, subwords: Subwords, limit: int) -> PlacedWords:
    """The words with their subwords; a sentence has at most `limit` of these."""
    forms = subwords.forms(text.types, text.bounds)
    counts = np.diff(subwords.bounds)[forms]
    ends = np.concatenate([[0], np.cumsum(counts)])
    before_sentence = np.repeat(ends[text.bounds[:-1]], np.diff(text.bounds))
    first = ends[:-1] - before_sentence + len(subwords.prefix)
    last = first + counts - 1
    usable = (counts > 0) & (last < limit - len(subwords.suffix))
    return PlacedWords(text.types, forms, text.bounds, first, last, usable)


def side_of(
    lines: np.ndarray, words: PlacedWords, keys: np.ndarray, subwords: Subwords, pooling: str
) -> Side:
    """Some sentences with their usable words; each ends with its last usable word."""
    all_words, all_bounds = ragged(words.bounds, lines)
    usable = words.usable[all_words]
    word_bounds = np.concatenate([[0], np.cumsum(usable)])[all_bounds]
    chosen = all_words[usable]
    first, last = words.first[chosen], words.last[chosen]
    pieces, _ = ragged(subwords.bounds, words.forms[chosen])
    piece_bounds = np.concatenate([[0], np.cumsum(last - first + 1)])[word_bounds]
    ids, id_bounds = _add_special_tokens(subwords.ids[pieces], piece_bounds, subwords)
    return Side(
        ids,
        id_bounds,
        (last if pooling == "last" else first).astype(np.int16),
        (first if pooling == "first" else last).astype(np.int16),
        word_bounds,
        keys,
    )


def index_among_usable(side: PlacedWords, word: np.ndarray, sentence: np.ndarray) -> np.ndarray:
    """The index of words among the usable words of their sentences, int16 [words]."""
    usable_before = np.cumsum(side.usable) - side.usable
    index: np.ndarray = usable_before[word] - usable_before[side.bounds[sentence]]
    return index.astype(np.int16)


def _add_special_tokens(
    pieces: np.ndarray, bounds: np.ndarray, subwords: Subwords
) -> tuple[np.ndarray, np.ndarray]:
    """Subword ids of sentences with their special tokens, and the new bounds of the sentences."""
    prefix, suffix = subwords.prefix, subwords.suffix
    special = len(prefix) + len(suffix)
    id_bounds = bounds + special * np.arange(len(bounds))
    ids = np.empty(id_bounds[-1], np.int32)
    sentence = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    ids[np.arange(len(pieces)) + special * sentence + len(prefix)] = pieces
    for position, token in enumerate(prefix):
        ids[id_bounds[:-1] + position] = token
    for position, token in enumerate(suffix[::-1], start=1):
        ids[id_bounds[1:] - position] = token
    return ids, id_bounds
