import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from link_reference import restated_mutual

from pipeline.word_align.link_methods import itermax, mutual

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
def test_both_methods_equal_a_restatement_word_by_word(similarity):
    assert pairs(mutual(similarity)) == restated_mutual(similarity)
    assert pairs(itermax(similarity)) == restated_itermax(similarity)


def test_mutual_example_with_ties_to_the_first():
    similarity = np.array([[0.9, 0.9, 0.1], [0.9, 0.2, 0.3], [0.0, 0.8, 0.7]])
    assert pairs(mutual(similarity)) == {(0, 0)}  # row 2 prefers column 1, which row 0 wins


def test_itermax_links_words_that_mutual_leaves_free():
    similarity = np.array([[0.9, 0.8, 0.0], [0.8, 0.7, 0.0], [0.0, 0.0, 0.6]])
    assert pairs(mutual(similarity)) == {(0, 0), (2, 2)}
    # 1-1 has 1.7 / 2, whereas 1-0 and 0-1 have 0.9 times 1.8 / 2.
    assert pairs(itermax(similarity)) == {(0, 0), (1, 1), (2, 2)}
