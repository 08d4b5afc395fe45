import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.common.errors import PipelineError
from pipeline.word_align.links import (
    HEURISTICS,
    MAX_WORDS,
    Links,
    from_pairs,
    from_pharaoh,
    symmetrize,
    to_pharaoh,
)

SIZE = 6
SENTENCE = st.sets(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)), max_size=14)
BITEXT = st.lists(st.tuples(SENTENCE, SENTENCE), min_size=1, max_size=4)


def matrix(links):
    found = np.zeros((SIZE, SIZE), bool)
    for link in links:
        found[link] = True
    return found


def restated(forward, reverse, heuristic):
    """Koehn et al. (2003) on matrices: visits all cells until no link is added."""
    forward, reverse = matrix(forward), matrix(reverse)
    union = forward | reverse
    if heuristic == "union":
        return set(zip(*union.nonzero(), strict=True))
    found = forward & reverse
    steps = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    grown = heuristic != "intersection"
    while grown:
        grown = False
        for i in range(SIZE):
            for j in range(SIZE):
                for di, dj in steps if found[i, j] else []:
                    a, b = i + di, j + dj
                    inside = 0 <= a < SIZE and 0 <= b < SIZE
                    if inside and union[a, b] and not (found[a].any() and found[:, b].any()):
                        found[a, b] = grown = True
    for direction in (forward, reverse) if heuristic == "grow-diag-final-and" else ():
        for i, j in zip(*direction.nonzero(), strict=True):
            if not found[i].any() and not found[:, j].any():
                found[i, j] = True
    return set(zip(*found.nonzero(), strict=True))


@pytest.mark.parametrize("heuristic", HEURISTICS)
@given(BITEXT)
def test_symmetrisation_equals_a_restatement_on_matrices(heuristic, bitext):
    forward, reverse = (from_pairs([pair[side] for pair in bitext]) for side in (0, 1))
    links = symmetrize(forward, reverse, heuristic)
    assert links.sentences == len(bitext)
    assert list(links.by_sentence()) == [restated(*pair, heuristic) for pair in bitext]


def test_heuristics_example():
    # The intersection has (0, 0). (1, 0) grows from it, (1, 1) from that; (3, 3) touches no link.
    forward, reverse = from_pairs([{(0, 0), (1, 1), (3, 3)}]), from_pairs([{(0, 0), (1, 0)}])
    results = {name: to_pharaoh(symmetrize(forward, reverse, name))[0] for name in HEURISTICS}
    assert results == {
        "intersection": "0-0",
        "union": "0-0 1-0 1-1 3-3",
        "grow-diag": "0-0 1-0 1-1",
        "grow-diag-final-and": "0-0 1-0 1-1 3-3",
    }


@given(st.lists(SENTENCE))
def test_pharaoh_text_round_trips(sentences):
    links = from_pairs(sentences)
    assert list(links.by_sentence()) == sentences
    lines = to_pharaoh(links)
    assert lines == [" ".join(f"{i}-{j}" for i, j in sorted(each)) for each in sentences]
    again = from_pharaoh(lines)
    assert again.keys.tolist() == links.keys.tolist()
    assert again.sentences == len(sentences)


@pytest.mark.parametrize(
    "bad", ["0-0-1", "0-", "a-b", "0-0  1-1", " 0-0", "0 - 0", "-1-0", "1.0-2", "0-0\n1-1"]
)
def test_text_that_is_not_pharaoh_is_refused_by_line(bad):
    with pytest.raises(PipelineError, match=r"line 2 is .*, not links like '0-0 1-2'"):
        from_pharaoh(["0-0", bad])


def test_the_highest_token_index_and_no_higher_is_accepted():
    last = MAX_WORDS - 1
    links = from_pharaoh(["", f"{last}-{last}", f"0-{last}"])
    assert list(links.by_sentence()) == [set(), {(last, last)}, {(0, last)}]
    with pytest.raises(PipelineError, match=f"a token index is {MAX_WORDS}"):
        from_pharaoh([f"0-{MAX_WORDS}"])


@given(st.lists(SENTENCE, min_size=1), st.data())
def test_split_and_transposed(sentences, data):
    count = data.draw(st.integers(0, len(sentences)))
    first, second = from_pairs(sentences).split(count)
    assert list(first.by_sentence()) == sentences[:count]
    assert list(second.by_sentence()) == sentences[count:]
    transposed = from_pairs(sentences).transposed()
    assert list(transposed.by_sentence()) == [{(j, i) for i, j in each} for each in sentences]


def test_links_are_sorted_without_repeats():
    links = Links.of(np.array([1, 0, 1]), np.array([2, 5, 2]), np.array([3, 1, 3]), 2)
    assert to_pharaoh(links) == ["5-1", "2-3"]
