import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.word_align.links import to_pharaoh
from pipeline.word_align.scored_links import ScoredLinks

INDEX = st.integers(0, 3)
PLACES = st.lists(st.tuples(INDEX, INDEX, INDEX, st.integers(0, 8).map(lambda n: n / 8)))


@given(PLACES)
def test_of_repeated_links_the_highest_probability_counts(rows):
    *places, probabilities = np.array(rows, float).reshape(-1, 4).T
    scored = ScoredLinks.of(np.array(places, np.int64), probabilities, 4)
    expected = [{} for _ in range(4)]
    for sentence, i, j, probability in rows:
        before = expected[sentence].get((i, j), 0)
        expected[sentence][i, j] = max(before, probability)
    assert scored.by_sentence() == expected
    assert [list(links) for links in scored.by_sentence()] == [sorted(links) for links in expected]
    assert list(scored.links.by_sentence()) == [set(links) for links in expected]


def test_the_text_is_that_of_links_with_a_probability_each():
    places = np.array([[0, 2, 0], [1, 0, 0], [0, 3, 2]])
    scored = ScoredLinks.of(places, np.array([0.25, 0.99994, 0.9]), 3)
    assert scored.to_text() == ["0-2:0.900 1-0:0.250", "", "0-3:1.000"]
    assert to_pharaoh(scored.links) == ["0-2 1-0", "", "0-3"]
