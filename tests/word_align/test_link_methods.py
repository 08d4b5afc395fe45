from itertools import permutations
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from link_reference import restated_mutual, restated_probabilities, restated_softmax

from pipeline.word_align.link_methods import (
    METHODS,
    TEMPERATURE,
    itermax,
    link_words,
    match,
    mutual,
    probabilities,
    softmax,
)
from pipeline.word_align.settings import Method

# Few distinct values, so that there are ties.
MATRICES = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=7),
    elements=st.integers(-4, 4).map(lambda n: n / 4),
)


def restated_itermax(similarity):
    """Algorithm 1 of the paper for two iterations, word by word."""
    links = restated_mutual(similarity)
    if min(similarity.shape) <= 2:
        return links
    sources, englishes = {i for i, _ in links}, {j for _, j in links}
    if len(sources) == similarity.shape[0] or len(englishes) == similarity.shape[1]:
        return links
    again = np.empty(similarity.shape)
    for i, j in np.ndindex(*similarity.shape):
        linked = (i in sources) + (j in englishes)
        again[i, j] = (similarity[i, j] + 1) / 2 * (1, 0.9, 0)[linked]
    new = restated_mutual(again)
    return links | {(i, j) for i, j in new if i not in sources or j not in englishes}


def pairs(linked):
    return set(zip(*(axis.tolist() for axis in np.nonzero(linked)), strict=True))


@given(MATRICES)
def test_mutual_and_itermax_equal_a_restatement_word_by_word(similarity):
    assert pairs(mutual(similarity)) == restated_mutual(similarity)
    assert pairs(itermax(similarity)) == restated_itermax(similarity)


# Ties share a probability of almost 1/2, 1/3, ...: none of these.
@given(MATRICES, st.sampled_from([0, 0.001, 0.15, 0.3, 0.4, 0.7]))
def test_softmax_equals_a_restatement_word_by_word(similarity, threshold):
    found = pairs(softmax(similarity, threshold))
    assert found == restated_softmax(similarity, TEMPERATURE, threshold)


# Small differences, so that the probabilities are not all near 0 or 1.
@given(MATRICES.map(lambda similarity: similarity / 20))
def test_probabilities_equal_a_restatement_word_by_word(similarity):
    _, _, expected = restated_probabilities(similarity, TEMPERATURE)
    np.testing.assert_allclose(probabilities(similarity), expected, rtol=1e-12)


@given(MATRICES)
def test_match_links_each_word_of_the_shorter_side_once_with_the_highest_sum(similarity):
    linked = match(similarity)
    assert linked.sum() == min(similarity.shape)
    assert linked.sum(axis=0).max() == linked.sum(axis=1).max() == 1
    short = similarity if similarity.shape[0] <= similarity.shape[1] else similarity.T
    rows = range(len(short))
    sums = (
        sum(float(short[row, column]) for row, column in zip(rows, chosen, strict=True))
        for chosen in permutations(range(short.shape[1]), len(short))
    )
    assert float(similarity[linked].astype(float).sum()) == max(sums)


def test_softmax_example_needs_both_directions():
    # 0-1 has .27 over the English words and .91 over the source words, 1-1 has 1 and .09.
    similarity = np.array([[0.90, 0.87, 0.1], [0.1, 0.80, 0.1], [0.1, 0.1, 0.5]])
    assert pairs(softmax(similarity)) == {(0, 0), (2, 2)}
    assert pairs(softmax(similarity, 0.01)) == {(0, 0), (0, 1), (1, 1), (2, 2)}


def test_match_gives_up_the_best_link_for_a_better_sum():
    similarity = np.array([[0.9, 0.8], [0.8, 0.1]])
    assert pairs(match(similarity)) == {(0, 1), (1, 0)}


def test_probabilities_of_huge_differences_are_finite():
    similarity = np.array([[1, -1], [-1, -1]], np.float32)
    found = probabilities(similarity)
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(1)


def test_each_method_of_the_settings_is_there_and_only_softmax_has_a_threshold():
    assert set(METHODS) == set(get_args(Method))
    similarity = np.random.default_rng(0).uniform(0.5, 1, (9, 7))
    for name, method in METHODS.items():
        np.testing.assert_array_equal(link_words(similarity, name), method(similarity))
        changed = link_words(similarity, name, 0).sum() != method(similarity).sum()
        assert changed == (name == "softmax")


def test_mutual_example_with_ties_to_the_first():
    similarity = np.array([[0.9, 0.9, 0.1], [0.9, 0.2, 0.3], [0.0, 0.8, 0.7]])
    assert pairs(mutual(similarity)) == {(0, 0)}  # row 2 prefers column 1, which row 0 wins


def test_itermax_links_words_that_mutual_leaves_free():
    similarity = np.array([[0.9, 0.8, 0.0], [0.8, 0.7, 0.0], [0.0, 0.0, 0.6]])
    assert pairs(mutual(similarity)) == {(0, 0), (2, 2)}
    # 1-1 has 1.7 / 2, whereas 1-0 and 0-1 have 0.9 times 1.8 / 2.
    assert pairs(itermax(similarity)) == {(0, 0), (1, 1), (2, 2)}
