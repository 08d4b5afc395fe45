"""Links of one sentence pair from the similarities of its words or subwords.

Each method takes one matrix of cosines [m, n], source by English, and returns a bool matrix of the
same shape. `probabilities` rates its links.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import linear_sum_assignment

from .settings import Method

ALPHA, ITERATIONS = 0.9, 2  # of itermax, as published
# Divides the cosines before softmax. On three development sets (docs/results.md) it makes the
# probabilities of e5-small's mutual links closest to the share of right links.
TEMPERATURE = 0.03
THRESHOLD = 0.4  # of softmax; the lowest error rates on these sets, for words and for subwords


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


def softmax(similarity: np.ndarray, threshold: float = THRESHOLD) -> np.ndarray:
    """Links whose probability is above `threshold` in both directions, bool [m, n].

    The probabilities of a source word's links add up to 1 over the English words, and the other
    way round (Dou and Neubig, 2021). A word may have several links, or none.
    """
    to_english, to_source = _directions(similarity)
    linked: np.ndarray = np.minimum(to_english, to_source) > threshold
    return linked


def match(similarity: np.ndarray) -> np.ndarray:
    """The one-to-one links with the highest sum of similarities, bool [m, n].

    This is Match of Jalili Sabet et al. (2020): all words of the shorter sentence are linked.
    """
    linked = np.zeros(similarity.shape, bool)
    linked[linear_sum_assignment(similarity, maximize=True)] = True
    return linked


def probabilities(similarity: np.ndarray) -> np.ndarray:
    """The probability of each possible link, whatever the method, float64 [m, n].

    It is the geometric mean of the probabilities of both directions: the softmax of the cosines,
    divided by TEMPERATURE, over the English words, and over the source words.
    """
    to_english, to_source = _directions(similarity)
    both: np.ndarray = np.sqrt(to_english * to_source)
    return both


def link_words(similarity: np.ndarray, method: Method, threshold: float = THRESHOLD) -> np.ndarray:
    """Links by one of the methods, bool [m, n]; `threshold` is that of softmax."""
    if method == "softmax":
        return softmax(similarity, threshold)
    return METHODS[method](similarity)


def _directions(similarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Softmax of each row, and of each column, both float64 [m, n]."""
    scaled = similarity.astype(np.float64) / TEMPERATURE
    rows, columns = (np.exp(scaled - scaled.max(axis=axis, keepdims=True)) for axis in (1, 0))
    return rows / rows.sum(axis=1, keepdims=True), columns / columns.sum(axis=0, keepdims=True)


METHODS: dict[Method, Callable[[np.ndarray], np.ndarray]] = {
    "mutual": mutual,
    "itermax": itermax,
    "softmax": softmax,
    "match": match,
}
