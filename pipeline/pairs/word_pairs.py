"""Contextual word pairs: aligned words of sentence pairs, with their subwords, in three splits.

Protocol of Cao et al. (2020): the first sentences of the corpus are the test set, the next the
dev set, the rest trains. All is done on flat arrays over words; text is touched once, by type.
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
class Words:
    """All words of one side, flat; `usable` ones have subwords, none of them cut."""

    types: np.ndarray  # index in the vocabulary
    bounds: np.ndarray  # of the sentences
    first: np.ndarray  # position of the first subword in its sentence
    last: np.ndarray
    usable: np.ndarray


def build_pairs(
    source: Sequence[str],
    english: Sequence[str],
    links: Links,
    tokenizer: Tokenizer,
    settings: PairSettings,
) -> dict[str, tuple[Split, pa.Table]]:
    """Arrays and table of word pairs by split name.

    `source` and `english` are tokenised lines. A table has a row a pair: line (number of its
    sentence, from 0), source_index and english_index (of its tokens), source_word, english_word.
    Sentences without pairs are dropped, and those whose source or English text came before, so
    that the splits share no sentence. Raises PipelineError if there are too few sentences.
    """
    texts = source, english
    vocabulary, flat = _types(texts)
    subwords = encode_words(vocabulary.to_pylist(), tokenizer)
    words = [_place(*side, subwords, settings.max_subwords) for side in flat]
    kept = _choose(links, words, vocabulary, settings)
    lines, keys = _first_occurrences(np.unique(kept.sentence), texts)
    splits = {}
    for name, chosen in _split(len(lines), settings).items():
        rows = lines[chosen]
        pairs = kept.take(rows)
        source_side, english_side = (
            _side(rows, *each, subwords, settings.pooling)
            for each in zip(words, keys[:, chosen], strict=True)
        )
        bounds = np.searchsorted(pairs.sentence, np.append(rows, links.sentences))
        split = Split(source_side, english_side, *_numbers(pairs, words), bounds)
        splits[name] = split, _table(pairs, words, vocabulary)
    return splits


def sentence_key(sentence: str) -> int:
    """64 bits, the same for sentences that differ only in case, spaces or punctuation."""
    letters = "".join(filter(str.isalnum, sentence.casefold())) or sentence
    return int.from_bytes(hashlib.blake2b(letters.encode("utf-8"), digest_size=8).digest(), "big")


def _types(texts: Sequence[Sequence[str]]) -> tuple[pa.Array, list[tuple[np.ndarray, np.ndarray]]]:
    # The distinct words of both sides, and a side's words by type with the bounds of sentences.
    lists = [pc.split_pattern(pa.array(text, pa.large_string()), " ") for text in texts]
    encoded = pa.concat_arrays([each.values for each in lists]).dictionary_encode()
    types = np.split(encoded.indices.to_numpy(), [len(lists[0].values)])
    bounds = [each.offsets.to_numpy().astype(np.int64) for each in lists]
    return encoded.dictionary, list(zip(types, bounds, strict=True))


def _place(types: np.ndarray, bounds: np.ndarray, subwords: Subwords, limit: int) -> Words:
    counts = np.diff(subwords.bounds)[types]
    ends = np.concatenate([[0], np.cumsum(counts)])
    before = np.repeat(ends[bounds[:-1]], np.diff(bounds))
    first = ends[:-1] - before + len(subwords.prefix)
    last = first + counts - 1
    return Words(types, bounds, first, last, (counts > 0) & (last < limit - len(subwords.suffix)))


def _choose(
    links: Links, words: Sequence[Words], vocabulary: pa.Array, settings: PairSettings
) -> Links:
    at = _at(links, words)
    types = [side.types[each] for side, each in zip(words, at, strict=True)]
    lengths = np.maximum(*(np.diff(side.bounds) for side in words))
    keep = lengths[links.sentence] <= settings.max_words
    for side, each in zip(words, at, strict=True):
        keep &= side.usable[each]
        if settings.one_to_one:
            keep &= np.bincount(each)[each] == 1
    if not settings.identical:
        keep &= types[0] != types[1]
    letter, digit = (
        pc.match_substring_regex(vocabulary, pattern).to_numpy(zero_copy_only=False)
        for pattern in (r"\pL", r"\pN")
    )
    for kept, unwanted in (
        (settings.punctuation, ~letter & ~digit),
        (settings.numbers, ~letter & digit),
    ):
        if not kept:
            keep &= ~(unwanted[types[0]] | unwanted[types[1]])
    return Links(links.keys[keep], links.sentences)


def _at(links: Links, words: Sequence[Words]) -> list[np.ndarray]:
    # The word of each link, among all words of its side.
    found = []
    for side, index in zip(words, (links.source, links.english), strict=True):
        fits = links.sentences == len(side.bounds) - 1
        if not fits or (index >= np.diff(side.bounds)[links.sentence]).any():
            raise PipelineError("pairs: links and sentences do not match: run word_align again")
        found.append(side.bounds[links.sentence] + index)
    return found


def _first_occurrences(
    lines: np.ndarray, texts: Sequence[Sequence[str]]
) -> tuple[np.ndarray, np.ndarray]:
    # The lines whose sentences are new, and their keys [2, lines].
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
    held_out = settings.test + settings.dev
    if sentences <= held_out:
        raise PipelineError(
            f"pairs: only {sentences} usable sentence pairs, but test {settings.test} and dev "
            f"{settings.dev} must leave some to train: lower them in params.yaml or add a corpus"
        )
    bounds = [0, settings.test, held_out, held_out + settings.train]
    return dict(zip(SPLITS, map(slice, bounds[:-1], bounds[1:]), strict=True))


def _side(
    rows: np.ndarray, words: Words, keys: np.ndarray, subwords: Subwords, pooling: str
) -> Side:
    at, all_bounds = ragged(words.bounds, rows)
    usable = np.concatenate([[0], np.cumsum(words.usable[at])])
    at = at[words.usable[at]]
    word_bounds = usable[all_bounds]
    pieces, _ = ragged(subwords.bounds, words.types[at])
    # A sentence ends with its last usable word.
    counts = np.concatenate([[0], np.cumsum(words.last[at] - words.first[at] + 1)])[word_bounds]
    special = len(subwords.prefix) + len(subwords.suffix)
    id_bounds = counts + special * np.arange(len(counts))
    ids = np.empty(id_bounds[-1], np.int32)
    sentence = np.repeat(np.arange(len(rows)), np.diff(counts))
    ids[np.arange(len(pieces)) + special * sentence + len(subwords.prefix)] = subwords.ids[pieces]
    for position, token in enumerate(subwords.prefix):
        ids[id_bounds[:-1] + position] = token
    for position, token in enumerate(subwords.suffix[::-1], start=1):
        ids[id_bounds[1:] - position] = token
    first = words.last[at] if pooling == "last" else words.first[at]
    last = words.first[at] if pooling == "first" else words.last[at]
    return Side(ids, id_bounds, first.astype(np.int16), last.astype(np.int16), word_bounds, keys)


def _numbers(pairs: Links, words: Sequence[Words]) -> tuple[np.ndarray, np.ndarray]:
    # The number of each pair's words among the usable ones of their sentences.
    source, english = (
        (before[each] - before[side.bounds[pairs.sentence]]).astype(np.int16)
        for side, each in zip(words, _at(pairs, words), strict=True)
        for before in [np.cumsum(side.usable) - side.usable]
    )
    return source, english


def _table(pairs: Links, words: Sequence[Words], vocabulary: pa.Array) -> pa.Table:
    source, english = (
        vocabulary.take(pa.array(side.types[each])).cast(pa.string())
        for side, each in zip(words, _at(pairs, words), strict=True)
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
