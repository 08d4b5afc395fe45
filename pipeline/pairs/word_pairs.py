"""Contextual word pairs: aligned words of sentence pairs, with their subwords, in three splits.

Protocol of Cao et al. (2020): the first sentences of the corpus are the test set, the next the
dev set, the rest trains.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from tokenizers import Tokenizer

from ..common.errors import PipelineError
from ..encoder.pair_arrays import SPLITS, Split
from ..encoder.subwords import Subwords, encode_words
from ..word_align.links import Links
from .pair_rules import chosen_links, linked_words
from .placed_words import PlacedWords, index_among_usable, place, side_of, text_types
from .settings import PairSettings


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
    text = _pair_words(source, english, links, tokenizer, settings)
    lines, keys = _first_occurrences(np.unique(text.pairs.sentence), (source, english))
    parts = _split(len(lines), settings)
    return {name: text.take(lines[part], keys[:, part]) for name, part in parts.items()}


def pairs_of_sentences(
    source: Sequence[str],
    english: Sequence[str],
    links: Links,
    tokenizer: Tokenizer,
    settings: PairSettings,
) -> tuple[Split, pa.Table]:
    """Arrays and table of word pairs as in `build_pairs`, of all sentences that have some.

    There are no splits, and repeated sentences stay. Raises PipelineError if the links are of other
    sentences.
    """
    text = _pair_words(source, english, links, tokenizer, settings)
    lines = np.unique(text.pairs.sentence)
    keys = [[sentence_key(side[line]) for line in lines.tolist()] for side in (source, english)]
    return text.take(lines, np.array(keys, np.uint64))


def sentence_key(sentence: str) -> int:
    """64 bits, the same for sentences that differ only in case, spaces or punctuation."""
    letters = "".join(filter(str.isalnum, sentence.casefold())) or sentence
    return int.from_bytes(hashlib.blake2b(letters.encode("utf-8"), digest_size=8).digest(), "big")


@dataclass(frozen=True)
class _PairedText:
    """A bitext and its word pairs; `words` are those of the source and the English side."""

    vocabulary: pa.Array
    subwords: Subwords
    words: Sequence[PlacedWords]
    pairs: Links
    pooling: str

    def take(self, lines: np.ndarray, keys: np.ndarray) -> tuple[Split, pa.Table]:
        """Arrays and table of some lines, in ascending order; `keys` is uint64 [2, lines]."""
        pairs = self.pairs.take(lines)
        source, english = (
            side_of(lines, words, side_keys, self.subwords, self.pooling)
            for words, side_keys in zip(self.words, keys, strict=True)
        )
        bounds = np.searchsorted(pairs.sentence, np.append(lines, pairs.sentences))
        linked = linked_words(pairs, self.words)
        source_words, english_words = (
            index_among_usable(words, word, pairs.sentence)
            for words, word in zip(self.words, linked, strict=True)
        )
        split = Split(source, english, source_words, english_words, bounds)
        return split, self._table(pairs, linked)

    def _table(self, pairs: Links, linked: Sequence[np.ndarray]) -> pa.Table:
        """The table of `build_pairs`."""
        source, english = (
            self.vocabulary.take(pa.array(words.types[word])).cast(pa.string())
            for words, word in zip(self.words, linked, strict=True)
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


def _pair_words(
    source: Sequence[str],
    english: Sequence[str],
    links: Links,
    tokenizer: Tokenizer,
    settings: PairSettings,
) -> _PairedText:
    vocabulary, types = text_types((source, english))
    subwords = encode_words(vocabulary.to_pylist(), tokenizer)
    words = [place(side, subwords, settings.max_subwords) for side in types]
    pairs = chosen_links(links, words, vocabulary, settings)
    return _PairedText(vocabulary, subwords, words, pairs, settings.pooling)


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
