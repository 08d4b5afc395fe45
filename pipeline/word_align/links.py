"""Word links of many sentence pairs as flat arrays, their Pharaoh text and symmetrisation.

A link (i, j) joins token i of the source sentence and token j of the English one, both counted
from 0. In text a sentence's links are in the Pharaoh format, `0-0 1-2`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import get_args

import numpy as np

from ..common.errors import PipelineError
from .settings import Heuristic

HEURISTICS = get_args(Heuristic)
MAX_WORDS = 1024  # tokens per sentence; thot silently gives longer ones an empty alignment

PHARAOH_LINE = re.compile(r"(\d+-\d+( \d+-\d+)*)?", re.ASCII)
# Straight steps first, as in Koehn et al. (2003): the order decides which link takes a free word.
GROW_STEPS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))

LinkSet = set[tuple[int, int]]  # (source token, English token) of one sentence pair


@dataclass(frozen=True)
class Links:
    """The links of `sentences` sentence pairs."""

    keys: np.ndarray  # int64, one per link, sorted, without repeats
    sentences: int

    @classmethod
    def of(
        cls, sentence: np.ndarray, source: np.ndarray, english: np.ndarray, sentences: int
    ) -> "Links":
        """Links from arrays [links] of sentence numbers and token indices, in any order."""
        return cls(np.unique(_keys(sentence, source, english)), sentences)

    @property
    def sentence(self) -> np.ndarray:
        """Sentence number of each link, int64 [links]."""
        return self.keys // MAX_WORDS**2

    @property
    def source(self) -> np.ndarray:
        """Source token index of each link, int64 [links]."""
        return self.keys // MAX_WORDS % MAX_WORDS

    @property
    def english(self) -> np.ndarray:
        """English token index of each link, int64 [links]."""
        return self.keys % MAX_WORDS

    def __len__(self) -> int:
        return len(self.keys)

    def by_sentence(self) -> Iterator[LinkSet]:
        """The links of each sentence pair."""
        bounds = np.searchsorted(self.keys, np.arange(self.sentences + 1) * MAX_WORDS**2)
        links = list(zip(self.source.tolist(), self.english.tolist(), strict=True))
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            yield set(links[start:end])

    def contain(self, sentence: np.ndarray, source: np.ndarray, english: np.ndarray) -> np.ndarray:
        """Whether each of some links, arrays [n] as for `of`, is among these, bool [n]."""
        return np.isin(_keys(sentence, source, english), self.keys)

    def rows(self, sentence: np.ndarray, source: np.ndarray, english: np.ndarray) -> np.ndarray:
        """The position of each of some of these links, arrays [n] as for `of`, int64 [n]."""
        return np.searchsorted(self.keys, _keys(sentence, source, english))

    def transposed(self) -> "Links":
        """The links with source and English exchanged."""
        return Links.of(self.sentence, self.english, self.source, self.sentences)

    def take(self, sentences: np.ndarray) -> "Links":
        """The links of some sentence pairs, which keep their numbers."""
        return Links(self.keys[np.isin(self.sentence, sentences)], self.sentences)

    def split(self, count: int) -> tuple["Links", "Links"]:
        """The links of the first `count` sentence pairs, and of the others, numbered from 0."""
        bound = count * MAX_WORDS**2
        cut = int(np.searchsorted(self.keys, bound))
        rest = Links(self.keys[cut:] - bound, self.sentences - count)
        return Links(self.keys[:cut], count), rest


def _keys(sentence: np.ndarray, source: np.ndarray, english: np.ndarray) -> np.ndarray:
    keys: np.ndarray = (sentence.astype(np.int64) * MAX_WORDS + source) * MAX_WORDS + english
    return keys


def symmetrize(forward: Links, reverse: Links, heuristic: str) -> Links:
    """One alignment from both directions (Och and Ney, 2003; grow-diag: Koehn et al., 2003).

    `heuristic` is one of HEURISTICS.
    """
    both = Links(np.intersect1d(forward.keys, reverse.keys, True), forward.sentences)
    if heuristic == "intersection":
        return both
    either = Links(np.union1d(forward.keys, reverse.keys), forward.sentences)
    if heuristic == "union":
        return either
    final = heuristic == "grow-diag-final-and"
    sets = (links.by_sentence() for links in (both, either, forward, reverse))
    grown = []
    for start, union, *directions in zip(*sets, strict=True):
        links = _grow(start, union)
        grown.append(_add_final(links, directions) if final else links)
    return from_pairs(grown)


def from_pairs(sentences: Sequence[LinkSet]) -> Links:
    """Links from one set of (i, j) per sentence pair."""
    counts = [len(links) for links in sentences]
    flat = np.array([*chain.from_iterable(sentences)], np.int64).reshape(-1, 2)
    return Links.of(np.repeat(np.arange(len(counts)), counts), flat[:, 0], flat[:, 1], len(counts))


def from_pharaoh(lines: Sequence[str]) -> Links:
    """Links from Pharaoh lines; raises PipelineError that names an invalid line."""
    for number, line in enumerate(lines, start=1):
        if not PHARAOH_LINE.fullmatch(line):
            raise PipelineError(f"links: line {number} is {line[:40]!r}, not links like '0-0 1-2'")
    text = " ".join(filter(None, lines)).replace("-", " ")
    numbers = np.fromstring(text, np.int64, sep=" ").reshape(-1, 2)
    if numbers.size and numbers.max() >= MAX_WORDS:
        raise PipelineError(f"links: a token index is {numbers.max()}, the most is {MAX_WORDS - 1}")
    sentence = np.repeat(np.arange(len(lines)), [line.count("-") for line in lines])
    return Links.of(sentence, numbers[:, 0], numbers[:, 1], len(lines))


def to_pharaoh(links: Links) -> list[str]:
    """The inverse of `from_pharaoh`: sorted links, and an empty line for no links."""
    return [" ".join(f"{i}-{j}" for i, j in sorted(pairs)) for pairs in links.by_sentence()]


def _grow(start: LinkSet, union: LinkSet) -> LinkSet:
    """`start` with the links of `union` that touch it, step by step, and have a free word."""
    links = set(start)
    sources, englishes = {i for i, _ in links}, {j for _, j in links}
    candidates = sorted(union) if len(union) > len(start) else []
    size = -1
    while len(links) > size:
        size = len(links)
        for i, j in candidates:
            if (i, j) in links:
                for source_step, english_step in GROW_STEPS:
                    near_i, near_j = i + source_step, j + english_step
                    free = near_i not in sources or near_j not in englishes
                    if free and (near_i, near_j) in union:
                        links.add((near_i, near_j))
                        sources.add(near_i)
                        englishes.add(near_j)
    return links


def _add_final(links: LinkSet, directions: Sequence[LinkSet]) -> LinkSet:
    """`links` with those of either direction, in order, whose two words are both free."""
    links = set(links)
    sources, englishes = {i for i, _ in links}, {j for _, j in links}
    for direction in directions:
        for i, j in sorted(direction - links):
            if i not in sources and j not in englishes:
                links.add((i, j))
                sources.add(i)
                englishes.add(j)
    return links
