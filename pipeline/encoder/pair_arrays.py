"""Word pairs of a split of sentences as flat arrays, which training reads without touching text.

Bounds are int64 [sentences + 1]: what belongs to sentence r stands at bounds[r]:bounds[r + 1].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

SPLITS = ("test", "dev", "train")


@dataclass(frozen=True)
class Spans:
    """Subwords whose vectors are averaged: numbers first to last among those of all sentences of a
    side; int64 [spans]."""

    first: np.ndarray
    last: np.ndarray

    def shifted(self, by: int) -> "Spans":
        """The same where `by` subwords of other sentences come before."""
        return Spans(self.first + by, self.last + by)


@dataclass(frozen=True)
class Side:
    """The sentences of one language; words are those whose vector the encoder can give."""

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
        """Subwords of each sentence, int64 [sentences]."""
        return np.diff(self.id_bounds)

    def words(self) -> Spans:
        """The spans of all words."""
        start = np.repeat(self.id_bounds[:-1], np.diff(self.word_bounds))
        return Spans(start + self.first, start + self.last)

    def take(self, rows: np.ndarray) -> "Side":
        """Some sentences, numbered anew."""
        at_ids, id_bounds = ragged(self.id_bounds, rows)
        at_words, word_bounds = ragged(self.word_bounds, rows)
        words = self.first[at_words], self.last[at_words]
        return Side(self.ids[at_ids], id_bounds, *words, word_bounds, self.keys[rows])


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
        rows = np.repeat(np.arange(len(self)), np.diff(self.pair_bounds))
        source, english = (
            Spans(start + side.first[at], start + side.last[at])
            for side, words in (
                (self.source, self.source_words),
                (self.english, self.english_words),
            )
            for at, start in [(side.word_bounds[rows] + words, side.id_bounds[rows])]
        )
        return source, english

    def take(self, rows: Sequence[int] | np.ndarray) -> "Split":
        """Some sentence pairs, in the order of `rows` and numbered anew."""
        rows = np.asarray(rows, np.int64)
        at, bounds = ragged(self.pair_bounds, rows)
        sides = self.source.take(rows), self.english.take(rows)
        return Split(*sides, self.source_words[at], self.english_words[at], bounds)

    def head(self, sentences: int) -> "Split":
        """The first sentence pairs."""
        return self.take(np.arange(min(sentences, len(self))))

    def save(self, folder: Path) -> None:
        """Write a .npy file an array; the folders `source` and `english` hold those of a side."""
        for name, array in vars(self).items():
            if isinstance(array, Side):
                (folder / name).mkdir(parents=True)
                for field, values in vars(array).items():
                    np.save(folder / name / f"{field}.npy", values)
            else:
                np.save(folder / f"{name}.npy", array)


def load_split(folder: Path) -> Split:
    """A saved split; its arrays are mapped from disk and read where they are used."""
    source, english = (
        Side(*(_map(folder / name / f"{field.name}.npy") for field in fields(Side)))
        for name in ("source", "english")
    )
    arrays = (_map(folder / f"{field.name}.npy") for field in fields(Split)[2:])
    return Split(source, english, *arrays)


def disjoint_training(splits: Mapping[str, Mapping[str, Split]]) -> dict[str, Split]:
    """The train split of each language, without sentences held out in any language.

    `splits` is by language and split. The languages share English text, so a sentence held out
    in one could train another.
    """
    held_out = np.concatenate(
        [
            side.keys
            for split in splits.values()
            for name in ("test", "dev")
            for side in (split[name].source, split[name].english)
        ]
    )
    return {language: _without(each["train"], held_out) for language, each in splits.items()}


def with_special(spans: Spans, side: Side) -> Spans:
    """The spans, then [CLS] of each sentence, then [SEP] of each: words that translate each other.

    They are what stands first and last in a sentence, whatever the encoder calls them.
    """
    first, last = side.id_bounds[:-1], side.id_bounds[1:] - 1
    added = np.concatenate([first, last])
    return Spans(np.concatenate([spans.first, added]), np.concatenate([spans.last, added]))


def ragged(bounds: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the items of some rows stand, row after row, and the bounds among these."""
    counts = bounds[rows + 1] - bounds[rows]
    new = np.concatenate([[0], np.cumsum(counts)])
    return np.repeat(bounds[rows] - new[:-1], counts) + np.arange(new[-1]), new


def _without(split: Split, keys: np.ndarray) -> Split:
    held_out = np.isin(split.source.keys, keys) | np.isin(split.english.keys, keys)
    return split.take(np.flatnonzero(~held_out))


def _map(path: Path) -> np.ndarray:
    array: np.ndarray = np.load(path, mmap_mode="r")
    return array
