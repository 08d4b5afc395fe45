"""Vectors of sentences that several languages share, which are encoded only once."""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np

from ..encoder.pair_arrays import Side, ragged
from ..encoder.word_vectors import SideVectors


class SharedSentences:
    """Encodes each distinct sentence of several sides once.

    A sentence's vectors are kept only until the last side that has it was asked for.
    """

    def __init__(self, encode: Callable[[Side], SideVectors], sides: Iterable[Side]) -> None:
        """`encode` gives the vectors of a side; call `vectors` once for each of `sides`."""
        self.encode = encode
        self.uses = Counter(key for side in sides for key in sentence_keys(side))
        self.kept: dict[bytes, SideVectors] = {}

    def vectors(self, side: Side) -> SideVectors:
        """The vectors of all words and sentences of a side."""
        keys = sentence_keys(side)
        new = np.array([row for row, key in enumerate(keys) if key not in self.kept], np.int64)
        encoded = self.encode(side.take(new))
        layers, _, dimension = encoded.means.shape
        result = SideVectors.empty(layers, int(side.word_bounds[-1]), len(keys), dimension)
        for array, of_new, rows in zip(result, encoded, _rows(side, new), strict=True):
            array[:, rows] = of_new
        for row, key in enumerate(keys):
            places = _rows(side, np.array([row]))
            if key in self.kept:
                for array, place, vectors in zip(result, places, self.kept[key], strict=True):
                    array[:, place] = vectors
            self._used(key, result, places)
        return result

    def _used(self, key: bytes, vectors: SideVectors, places: list[np.ndarray]) -> None:
        """Keep a sentence, whose vectors are at `places`, as long as another side needs it."""
        self.uses[key] -= 1
        if not self.uses[key]:
            self.kept.pop(key, None)
        elif key not in self.kept:
            copies = (array[:, place] for array, place in zip(vectors, places, strict=True))
            self.kept[key] = SideVectors(*copies)


def sentence_keys(side: Side) -> list[bytes]:
    """One key per sentence: its subwords, and which of them represent words."""
    subwords = (slice(*bounds) for bounds in pairwise(side.id_bounds.tolist()))
    words = (slice(*bounds) for bounds in pairwise(side.word_bounds.tolist()))
    parts = (
        (side.ids[of_ids], side.first[of_words], side.last[of_words])
        for of_ids, of_words in zip(subwords, words, strict=True)
    )
    return [b"".join(part.tobytes() for part in (np.int64(len(p[0])), *p)) for p in parts]


def _rows(side: Side, sentences: np.ndarray) -> list[np.ndarray]:
    """The rows of some sentences in each array of SideVectors."""
    words, _ = ragged(side.word_bounds, sentences)
    return [words, sentences, sentences, sentences]
