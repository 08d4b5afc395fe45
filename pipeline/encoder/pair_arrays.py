"""Word pairs of a split of sentences as flat arrays, so that training need not read any text.

Bounds are int64 [sentences + 1]: the items of sentence s are at bounds[s]:bounds[s + 1].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

SPLITS = ("test", "dev", "train")


@dataclass(frozen=True)
class Spans:
    """Words as spans of subwords, whose vectors are averaged.

    A span is from subword `first` to subword `last`, inclusive; both are int64 [spans] and count
    the subwords of all sentences of a side.
    """

    first: np.ndarray
    last: np.ndarray

    def shifted(self, by: int) -> "Spans":
        """The same spans if `by` subwords of other sentences come before."""
        return Spans(self.first + by, self.last + by)


@dataclass(frozen=True)
class Side:
    """The sentences of one language; words are those for which the encoder has a vector."""

    ids: np.ndarray  # int32 [subwords], with the special tokens of each sentence
    id_bounds: np.ndarray
    first: np.ndarray  # int16 [words], position of the first subword in its sentence
    last: np.ndarray  # int16 [words]
    word_bounds: np.ndarray
    keys: np.ndarray  # uint64 [sentences], see pairs.word_pairs.sentence_key

    def sentences(self) -> list[np.ndarray]:
        """The subword ids of each sentence."""
        bounds = zip(self.id_bounds[:-1].tolist(), self.id_bounds[1:].tolist(), strict=True)
        return [self.ids[start:end] for start, end in bounds]

    def lengths(self) -> np.ndarray:
        """Number of subwords in each sentence, int64 [sentences]."""
        return np.diff(self.id_bounds)

    def words(self) -> Spans:
        """The spans of all words."""
        start = np.repeat(self.id_bounds[:-1], np.diff(self.word_bounds))
        return Spans(start + self.first, start + self.last)

    def take(self, sentences: np.ndarray) -> "Side":
        """Some sentences, in the order of `sentences`, as sentences 0, 1, ... of a new side."""
        subwords, id_bounds = ragged(self.id_bounds, sentences)
        words, word_bounds = ragged(self.word_bounds, sentences)
        return Side(
            self.ids[subwords],
            id_bounds,
            self.first[words],
            self.last[words],
            word_bounds,
            self.keys[sentences],
        )


@dataclass(frozen=True)
class Split:
    """Sentence pairs; a word pair is the index of a word in each sentence, int16 [pairs]."""

    source: Side
    english: Side
    source_words: np.ndarray
    english_words: np.ndarray
    pair_bounds: np.ndarray

    def __len__(self) -> int:
        return len(self.pair_bounds) - 1

    def pairs(self) -> tuple[Spans, Spans]:
        """The source and English spans of all word pairs."""
        source = pair_spans(self.source, self.source_words, self.pair_bounds)
        english = pair_spans(self.english, self.english_words, self.pair_bounds)
        return source, english

    def take(self, sentences: Sequence[int] | np.ndarray) -> "Split":
        """Some sentence pairs, in the order of `sentences`, as pairs 0, 1, ... of a new split."""
        sentences = np.asarray(sentences, np.int64)
        pairs, pair_bounds = ragged(self.pair_bounds, sentences)
        return Split(
            self.source.take(sentences),
            self.english.take(sentences),
            self.source_words[pairs],
            self.english_words[pairs],
            pair_bounds,
        )

    def head(self, sentences: int) -> "Split":
        """The first sentence pairs, at most that many."""
        return self.take(np.arange(min(sentences, len(self))))

    def save(self, folder: Path) -> None:
        """Write one .npy file per array; those of a side go to the folder `source` or `english`."""
        for name, array in vars(self).items():
            if isinstance(array, Side):
                (folder / name).mkdir(parents=True)
                for field, values in vars(array).items():
                    np.save(folder / name / f"{field}.npy", values)
            else:
                np.save(folder / f"{name}.npy", array)


def load_split(folder: Path) -> Split:
    """A saved split; its arrays are mapped from disk and read where they are used."""
    return Split(
        source=_load_side(folder / "source"),
        english=_load_side(folder / "english"),
        source_words=_map(folder / "source_words.npy"),
        english_words=_map(folder / "english_words.npy"),
        pair_bounds=_map(folder / "pair_bounds.npy"),
    )


def disjoint_training(splits: Mapping[str, Mapping[str, Split]]) -> dict[str, Split]:
    """The train split of each language, without sentences held out in any language.

    `splits` is by language, then by name of the split. The languages share English text, so a
    sentence held out in one could train another. For this reason `splits` also has the languages
    that are only tested.
    """
    keys = []
    for by_name in splits.values():
        for name in ("test", "dev"):
            keys += [by_name[name].source.keys, by_name[name].english.keys]
    held_out = np.concatenate(keys)
    return {language: _without(by_name["train"], held_out) for language, by_name in splits.items()}


def pair_spans(side: Side, words: np.ndarray, pair_bounds: np.ndarray) -> Spans:
    """The spans of one side's words in word pairs.

    `words`, int16 [pairs], are indices of words in their sentences; `pair_bounds` are the bounds of
    the sentences among the pairs.
    """
    sentence = np.repeat(np.arange(len(pair_bounds) - 1), np.diff(pair_bounds))
    start, word = side.id_bounds[sentence], pair_words(side, words, pair_bounds)
    return Spans(start + side.first[word], start + side.last[word])


def pair_words(side: Side, words: np.ndarray, pair_bounds: np.ndarray) -> np.ndarray:
    """The rows of one side's words in word pairs among all its words, int64 [pairs].

    Arguments are those of `pair_spans`.
    """
    rows: np.ndarray = np.repeat(side.word_bounds[:-1], np.diff(pair_bounds)) + words
    return rows


def with_special(spans: Spans, side: Side) -> Spans:
    """The spans, then [CLS] of each sentence, then [SEP] of each, which translate each other.

    They are the first and the last subword of a sentence, whatever the encoder calls them.
    """
    first, last = side.id_bounds[:-1], side.id_bounds[1:] - 1
    added = np.concatenate([first, last])
    return Spans(np.concatenate([spans.first, added]), np.concatenate([spans.last, added]))


def ragged(bounds: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The indices of the items of some rows, row after row, and the bounds of the rows among them.

    The items of row r are at bounds[r]:bounds[r + 1]. Both results are int64: [items], [rows + 1].
    """
    counts = bounds[rows + 1] - bounds[rows]
    new_bounds = np.concatenate([[0], np.cumsum(counts)])
    shifts = np.repeat(bounds[rows] - new_bounds[:-1], counts)
    return shifts + np.arange(new_bounds[-1]), new_bounds


def _without(split: Split, keys: np.ndarray) -> Split:
    held_out = np.isin(split.source.keys, keys) | np.isin(split.english.keys, keys)
    return split.take(np.flatnonzero(~held_out))


def _load_side(folder: Path) -> Side:
    return Side(**{field.name: _map(folder / f"{field.name}.npy") for field in fields(Side)})


def _map(path: Path) -> np.ndarray:
    array: np.ndarray = np.load(path, mmap_mode="r")
    return array
