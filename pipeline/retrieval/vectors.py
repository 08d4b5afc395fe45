"""The vectors from which one language's retrieval is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..encoder.pair_arrays import Split, pair_words
from ..encoder.rotation import rotate
from ..encoder.word_vectors import SideVectors

Sides = tuple[np.ndarray, np.ndarray]  # source and English, [n, dimension] each; row i is a pair
Rotations = Mapping[int, np.ndarray | None]  # of the source side, by layer; None: no rotation


@dataclass(frozen=True)
class SplitVectors:
    """The vectors of both sides of a split at `layers`, in the order of these."""

    split: Split
    source: SideVectors
    english: SideVectors
    layers: Sequence[int]

    def words(self, rotations: Rotations, *, special_tokens: bool = False) -> dict[int, Sides]:
        """The words of all pairs, by layer.

        With `special_tokens` more rows follow: [CLS] of every sentence pair, then [SEP] of each.
        """
        split = self.split
        linked = {
            "source": pair_words(split.source, split.source_words, split.pair_bounds),
            "english": pair_words(split.english, split.english_words, split.pair_bounds),
        }
        sides = {}
        for row, layer in enumerate(self.layers):
            source, english = (
                _rows(getattr(self, side), row, rows, special_tokens)
                for side, rows in linked.items()
            )
            sides[layer] = rotate(source, rotations[layer]), english
        return sides

    def sentences(self, rotations: Rotations) -> dict[int, Sides]:
        """The means of all sentences, by layer."""
        return {
            layer: (rotate(self.source.means[row], rotations[layer]), self.english.means[row])
            for row, layer in enumerate(self.layers)
        }


def _rows(vectors: SideVectors, layer: int, words: np.ndarray, special_tokens: bool) -> np.ndarray:
    of_words: np.ndarray = vectors.words[layer][words]
    if not special_tokens:
        return of_words
    return np.concatenate([of_words, vectors.first[layer], vectors.last[layer]])
