"""The wheel's fast_align equals the formulas of Dyer, Chahuneau and Smith (2013) in float64."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from aligners import WHEEL
from scipy.special import digamma
from tiny import read_text

from pipeline.common.worker_pool import workers
from pipeline.word_align.word_align import align_direction

NULL, ALPHA, TENSION = 0.08, 0.01, 4.0


def feature(j, i, m, n):
    """Distance from the diagonal of target position j of m and source position i of n."""
    return -abs(i / n - j / m)


def diagonal(j, m, n, tension):
    """Probabilities of the n source positions, without the null word."""
    weights = np.exp([tension * feature(j, i, m, n) for i in range(1, n + 1)])
    return (1 - NULL) * weights / weights.sum()


def expected_feature(j, m, n, tension):
    """The program's expectation, whose normaliser swaps m and n by mistake."""
    features = np.array([feature(j, i, m, n) for i in range(1, n + 1)])
    below = int(j * m / n)
    above = m - below if m >= below else 2**32  # the program's number is unsigned
    ratio = np.exp(-tension / m)
    normalizer = sum(
        np.exp(tension * feature(j, start, n, m)) * (1 - ratio**count) / (1 - ratio)
        for start, count in ((below + 1, above), (below, below))
        if count
    )
    return (features * np.exp(tension * features)).sum() / normalizer


def restated(pairs, iterations):
    """Links (i, j) of each pair of word lists, after EM as `fast_align -d -o -v -I iterations`."""
    table, tension = defaultdict(lambda: 1e-9), TENSION
    for iteration in range(iterations):
        counts, found, distance, words = defaultdict(float), [], 0.0, 0
        for source, target in pairs:
            m, n = len(target), len(source)
            links = set()
            for j, word in enumerate(target):
                position = [NULL, *diagonal(j + 1, m, n, tension)]
                scores = position * np.array([table[each, word] for each in (None, *source)])
                if (best := int(scores.argmax())) > 0:
                    links.add((best - 1, j))
                posterior = scores / scores.sum()
                for each, share in zip((None, *source), posterior, strict=True):
                    counts[each, word] += share
                # The program counts j from 0 here.
                distance += sum(feature(j, i, m, n) * posterior[i] for i in range(1, n + 1))
                words += 1
            found.append(links)
        if iteration > 0:
            for _ in range(8):
                model = sum(
                    expected_feature(j, len(target), len(source), tension)
                    for source, target in pairs
                    for j in range(1, len(target) + 1)
                )
                tension = min(14.0, max(0.1, tension + 20 * (distance - model) / words))
        totals = defaultdict(float)
        for (source, _), count in counts.items():
            totals[source] += count + ALPHA
        table = {
            (source, target): np.exp(digamma(count + ALPHA) - digamma(totals[source]))
            for (source, target), count in counts.items()
        }
    return found


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("reverse", [False, True])
def test_fast_align_equals_the_formulas_of_the_program(language, reverse):
    bitext = read_text(language)
    lines = list(bitext.source), list(bitext.english)
    for iterations in (1, 2, 5):
        settings = replace(WHEEL, iterations=iterations)
        with workers(1, "word_align", "lower download.max_pairs") as pool:
            links = pool.submit(align_direction, *lines, settings, reverse).result()
        found = list((links.transposed() if reverse else links).by_sentence())
        words = [[line.split() for line in side] for side in lines]
        pairs = list(zip(*(reversed(words) if reverse else words), strict=True))
        assert found == restated(pairs, iterations)
