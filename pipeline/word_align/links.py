"""Word links of many sentence pairs as flat arrays, their Pharaoh text and symmetrisation.

A link (i, j) joins token i of the source sentence and token j of the English one, both counted
from 0. In text a sentence's links are in the Pharaoh format, `0-0 1-2`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..common.errors import PipelineError

HEURISTICS = ("intersection", "union", "grow-diag", "grow-diag-final-and")
MAX_WORDS = 1024  # tokens a sentence; thot gives longer ones an empty alignment, silently

PHARAOH = re.compile(r"(\d+-\d+( \d+-\d+)*)?", re.ASCII)
# Straight neighbours first, as in Koehn et al. (2003); the order decides who takes a free word.
NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))

Pairs = set[tuple[int, int]]


@dataclass(frozen=True)
class Links:
    """The links of `sentences` sentence pairs: one int64 key a link, sorted, without repeats."""

    keys: np.ndarray
    sentences: int

    @classmethod
    def of(
        cls, sentence: np.ndarray, source: np.ndarray, english: np.ndarray, sentences: int
    ) -> "Links":
        """Links from arrays [links] of sentence numbers and token indices, in any order."""
        keys = (sentence.astype(np.int64) * MAX_WORDS + source) * MAX_WORDS + english
        return cls(np.unique(keys), sentences)

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

    def by_sentence(self) -> Iterator[Pairs]:
        """The links of each sentence pair."""
        bounds = np.searchsorted(self.keys, np.arange(self.sentences + 1) * MAX_WORDS**2)
        links = list(zip(self.source.tolist(), self.english.tolist(), strict=True))
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            yield set(links[start:end])

    def transposed(self) -> "Links":
        """The links with source and English exchanged."""
        return Links.of(self.sentence, self.english, self.source, self.sentences)

    def take(self, sentences: np.ndarray) -> "Links":
        """The links of some sentence pairs, with the numbers these have."""
        return Links(self.keys[np.isin(self.sentence, sentences)], self.sentences)

    def split(self, at: int) -> tuple["Links", "Links"]:
        """The links of the first `at` sentence pairs, and of the others, numbered from 0."""
        first = at * MAX_WORDS**2
        cut = int(np.searchsorted(self.keys, first))
        return Links(self.keys[:cut], at), Links(self.keys[cut:] - first, self.sentences - at)


def symmetrize(forward: Links, reverse: Links, heuristic: str) -> Links:
    """One alignment of both directions (Och and Ney, 2003; Koehn et al., 2003, grow-diag).

    `heuristic` is one of HEURISTICS.
    """
    both = Links(np.intersect1d(forward.keys, reverse.keys, True), forward.sentences)
    if heuristic == "intersection":
        return both
    either = Links(np.union1d(forward.keys, reverse.keys), forward.sentences)
    if heuristic == "union":
        return either
    final = heuristic == "grow-diag-final-and"
    sets = (each.by_sentence() for each in (both, either, forward, reverse))
    return from_pairs(
        [
            _grow(start, union, directions if final else [])
            for start, union, *directions in zip(*sets, strict=True)
        ]
    )


def from_pairs(sentences: Sequence[Pairs]) -> Links:
    """Links of sets of (i, j), one a sentence pair."""
    counts = [len(each) for each in sentences]
    flat = np.array([link for each in sentences for link in each], np.int64).reshape(-1, 2)
    return Links.of(np.repeat(np.arange(len(counts)), counts), flat[:, 0], flat[:, 1], len(counts))


def from_pharaoh(lines: Sequence[str]) -> Links:
    """Links of Pharaoh lines; raises PipelineError naming the line that is none."""
    for number, line in enumerate(lines, start=1):
        if not PHARAOH.fullmatch(line):
            raise PipelineError(f"links: line {number} is {line[:40]!r}, not links like '0-0 1-2'")
    text = " ".join(filter(None, lines)).replace("-", " ")
    numbers = np.fromstring(text, np.int64, sep=" ").reshape(-1, 2)
    if numbers.size and numbers.max() >= MAX_WORDS:
        raise PipelineError(f"links: a token index is {numbers.max()}, the most is {MAX_WORDS - 1}")
    sentence = np.repeat(np.arange(len(lines)), [line.count("-") for line in lines])
    return Links.of(sentence, numbers[:, 0], numbers[:, 1], len(lines))


def to_pharaoh(links: Links) -> list[str]:
    """The inverse of `from_pharaoh`: links sorted, an empty line for no links."""
    return [" ".join(f"{i}-{j}" for i, j in sorted(each)) for each in links.by_sentence()]


def _grow(start: Pairs, union: Pairs, final: Sequence[Pairs]) -> Pairs:
    found = set(start)
    sources, englishes = {i for i, _ in found}, {j for _, j in found}

    def add(link: tuple[int, int]) -> None:
        found.add(link)
        sources.add(link[0])
        englishes.add(link[1])

    candidates = sorted(union) if len(union) > len(start) else []
    size = -1
    while len(found) > size:
        size = len(found)
        for i, j in candidates:
            if (i, j) in found:
                for step in NEIGHBOURS:
                    near = (i + step[0], j + step[1])
                    free = near[0] not in sources or near[1] not in englishes
                    if free and near in union and near not in found:
                        add(near)
    for direction in final:
        for i, j in sorted(direction - found):
            if i not in sources and j not in englishes:
                add((i, j))
    return found
