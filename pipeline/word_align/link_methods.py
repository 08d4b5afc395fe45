"""Links of one sentence pair from the similarities of its words."""

from collections.abc import Callable

import numpy as np

ALPHA, ITERATIONS = 0.9, 2  # of itermax, as published


def mutual(similarity: np.ndarray) -> np.ndarray:
    """Links between words that are each other's most similar word, bool [m, n].

    `similarity` is [m, n], source words by English words. Ties go to the first word.
    """
    linked = np.zeros(similarity.shape, bool)
    source = np.arange(len(similarity))
    english = similarity.argmax(axis=1)
    linked[source, english] = similarity.argmax(axis=0)[english] == source
    return linked


def itermax(similarity: np.ndarray) -> np.ndarray:
    """Links of `mutual`, then more links that involve words still without one, bool [m, n].

    Algorithm 1 of Jalili Sabet et al. (2020) on cosines: similarities are scaled to 0..1 and
    weighted by 1 for two words without links, by ALPHA if one of them is linked, by 0 if both are.
    As in simalign, sentences of one or two words keep the links of `mutual`.
    """
    linked = mutual(similarity)
    if min(similarity.shape) <= 2:
        return linked
    for _ in range(ITERATIONS - 1):
        source_free, english_free = ~linked.any(axis=1), ~linked.any(axis=0)
        if not source_free.any() or not english_free.any():
            break
        free_words = np.add.outer(source_free.astype(int), english_free.astype(int))
        weight = np.array([0, ALPHA, 1])[free_words]
        linked |= mutual((similarity + 1) / 2 * weight) & (weight > 0)
    return linked


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"mutual": mutual, "itermax": itermax}
