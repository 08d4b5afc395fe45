"""Contextual word pairs: aligned words of sentence pairs, with their subwords, in three splits.

Protocol of Cao et al. (2020): the first sentences of the corpus are the test set, the next the
dev set, the rest trains. All is computed on flat arrays over words; the text of a distinct word, a
type, is read only once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import Tokenizer

from ..common.errors import PipelineError
from ..encoder.pair_arrays import SPLITS, Side, Split, ragged
from ..encoder.subwords import Subwords, encode_words
from ..word_align.links import Links
from .settings import PairSettings


@dataclass(frozen=True)
class _TextTypes:
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


def build_pairs(
    source: Sequence[str],
    english: Sequence[str],
    links: Links,
    tokenizer: Tokenizer,
    settings: PairSettings,
) -> dict[str, tuple[Split, pa.Table]]:
    """Arrays and table of word pairs, by name of the split.

    `source` and `english` are tokenised lines. A table has one row per pair: line (number of its
    sentence, from 0), source_index and english_index (of its tokens), source_word, english_word.
    Sentences without pairs are dropped, and those whose source or English text came before, so
    that the splits share no sentence. Raises PipelineError if there are too few sentences, or if
    the links are of other sentences.
    """
    texts = source, english
    vocabulary, text_types = _types(texts)
    subwords = encode_words(vocabulary.to_pylist(), tokenizer)
    words = [_place(types, subwords, settings.max_subwords) for types in text_types]
    pairs = _choose(links, words, vocabulary, settings)
    lines, keys = _first_occurrences(np.unique(pairs.sentence), texts)
    splits = {}
    for name, part in _split(len(lines), settings).items():
        part_lines = lines[part]
        part_pairs = pairs.take(part_lines)
        source_side, english_side = (
            _side(part_lines, side_words, side_keys[part], subwords, settings.pooling)
            for side_words, side_keys in zip(words, keys, strict=True)
        )
        bounds = np.searchsorted(part_pairs.sentence, np.append(part_lines, links.sentences))
        split = Split(source_side, english_side, *_word_indices(part_pairs, words), bounds)
        splits[name] = split, _table(part_pairs, words, vocabulary)
    return splits


def sentence_key(sentence: str) -> int:
    """64 bits, the same for sentences that differ only in case, spaces or punctuation."""
    letters = "".join(filter(str.isalnum, sentence.casefold())) or sentence
    return int.from_bytes(hashlib.blake2b(letters.encode("utf-8"), digest_size=8).digest(), "big")


def _types(texts: Sequence[Sequence[str]]) -> tuple[pa.Array, list[_TextTypes]]:
    """The distinct words of both sides, and the words of each side as their types."""
    lists = [pc.split_pattern(pa.array(text, pa.large_string()), " ") for text in texts]
    encoded = pa.concat_arrays([words.values for words in lists]).dictionary_encode()
    types = np.split(encoded.indices.to_numpy(), [len(lists[0].values)])
    bounds = [words.offsets.to_numpy().astype(np.int64) for words in lists]
    return encoded.dictionary, [_TextTypes(*text) for text in zip(types, bounds, strict=True)]


def _place(text: _TextTypes, subwords: Subwords, limit: int) -> PlacedWords:
    """The words with their subwords; a sentence has at most `limit` of these."""
    forms = subwords.forms(text.types, text.bounds)
    counts = np.diff(subwords.bounds)[forms]
    ends = np.concatenate([[0], np.cumsum(counts)])
    before_sentence = np.repeat(ends[text.bounds[:-1]], np.diff(text.bounds))
    first = ends[:-1] - before_sentence + len(subwords.prefix)
    last = first + counts - 1
    usable = (counts > 0) & (last < limit - len(subwords.suffix))
    return PlacedWords(text.types, forms, text.bounds, first, last, usable)


def _choose(
    links: Links, words: Sequence[PlacedWords], vocabulary: pa.Array, settings: PairSettings
) -> Links:
    """The links that are word pairs by the settings."""
    source, english = words
    source_word, english_word = _linked_words(links, words)
    source_type, english_type = source.types[source_word], english.types[english_word]
    lengths = np.maximum(np.diff(source.bounds), np.diff(english.bounds))
    keep = lengths[links.sentence] <= settings.max_words
    keep &= source.usable[source_word] & english.usable[english_word]
    if settings.one_to_one:
        keep &= _occur_once(source_word) & _occur_once(english_word)
    if not settings.identical:
        keep &= source_type != english_type
    punctuation, numbers = _word_kinds(vocabulary)
    if not settings.punctuation:
        keep &= ~(punctuation[source_type] | punctuation[english_type])
    if not settings.numbers:
        keep &= ~(numbers[source_type] | numbers[english_type])
    return Links(links.keys[keep], links.sentences)


def _linked_words(links: Links, words: Sequence[PlacedWords]) -> list[np.ndarray]:
    """The source word and the English word of each link, among all words of their sides."""
    linked = []
    for side, tokens in zip(words, (links.source, links.english), strict=True):
        fits = links.sentences == len(side.bounds) - 1
        if not fits or (tokens >= np.diff(side.bounds)[links.sentence]).any():
            raise PipelineError("pairs: links and sentences do not match: run word_align again")
        linked.append(side.bounds[links.sentence] + tokens)
    return linked


def _occur_once(words: np.ndarray) -> np.ndarray:
    """Whether each word occurs only once, bool [words]."""
    once: np.ndarray = np.bincount(words)[words] == 1
    return once


def _word_kinds(vocabulary: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Whether each type is punctuation, and whether it is a number, both bool [types].

    Punctuation has neither letters nor digits; numbers have digits and no letters.
    """
    letter = pc.match_substring_regex(vocabulary, r"\pL").to_numpy(zero_copy_only=False)
    digit = pc.match_substring_regex(vocabulary, r"\pN").to_numpy(zero_copy_only=False)
    return ~letter & ~digit, ~letter & digit


def _first_occurrences(
    lines: np.ndarray, texts: Sequence[Sequence[str]]
) -> tuple[np.ndarray, np.ndarray]:
    """The lines with a new sentence on both sides, and the keys of these, uint64 [2, lines]."""
    seen: set[int] = set()
    first = []
    for line in lines.tolist():
        source, english = (sentence_key(text[line]) for text in texts)
        if source not in seen and english not in seen:
            seen |= {source, english}
            first.append((line, source, english))
    columns = np.array(first, np.uint64).reshape(-1, 3).T
    return columns[0].astype(np.int64), columns[1:]


def _split(sentences: int, settings: PairSettings) -> dict[str, slice]:
    """The sentence pairs of each split."""
    held_out = settings.test + settings.dev
    if sentences <= held_out:
        raise PipelineError(
            f"pairs: only {sentences} usable sentence pairs, but test {settings.test} and dev "
            f"{settings.dev} must leave some to train: lower them in params.yaml or add a corpus"
        )
    bounds = [0, settings.test, held_out, held_out + settings.train]
    return dict(zip(SPLITS, map(slice, bounds[:-1], bounds[1:]), strict=True))


def _side(
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


def _word_indices(pairs: Links, words: Sequence[PlacedWords]) -> tuple[np.ndarray, np.ndarray]:
    """The indices of each pair's words among the usable words of their sentences."""
    source_word, english_word = _linked_words(pairs, words)
    source = _index_among_usable(words[0], source_word, pairs.sentence)
    return source, _index_among_usable(words[1], english_word, pairs.sentence)


def _index_among_usable(side: PlacedWords, word: np.ndarray, sentence: np.ndarray) -> np.ndarray:
    """The index of words among the usable words of their sentences, int16 [words]."""
    usable_before = np.cumsum(side.usable) - side.usable
    index: np.ndarray = usable_before[word] - usable_before[side.bounds[sentence]]
    return index.astype(np.int16)


def _table(pairs: Links, words: Sequence[PlacedWords], vocabulary: pa.Array) -> pa.Table:
    """The table of `build_pairs`."""
    source, english = (
        vocabulary.take(pa.array(side.types[linked])).cast(pa.string())
        for side, linked in zip(words, _linked_words(pairs, words), strict=True)
    )
    return pa.table(
        {
            "line": pairs.sentence.astype(np.int32),
            "source_index": pairs.source.astype(np.int16),
            "english_index": pairs.english.astype(np.int16),
            "source_word": source,
            "english_word": english,
        }
    )
