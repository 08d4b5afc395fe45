import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest
from conftest import read_text
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PipelineError
from pipeline.word_align import (
    MAX_WORDS,
    fast_align,
    from_pharaoh,
    intersect,
    to_pharaoh,
    word_align,
)

# Each word has one translation, in another order: an aligner must find it.
WORDS = {"rot": "red", "blau": "blue", "haus": "house", "hund": "dog", "baum": "tree", "alt": "old"}
SOURCE = [f"{a} {b} {c}" for a in WORDS for b in WORDS for c in WORDS if len({a, b, c}) == 3]
ENGLISH = [" ".join(WORDS[word] for word in reversed(line.split())) for line in SOURCE]


def test_finds_the_translations_of_a_toy_language():
    links = word_align(SOURCE, ENGLISH, iterations=5)
    right = [
        sum(WORDS[s.split()[i]] == e.split()[j] for i, j in each)
        for s, e, each in zip(SOURCE, ENGLISH, links, strict=True)
    ]
    assert sum(right) / sum(map(len, links)) > 0.95
    assert sum(right) / (3 * len(SOURCE)) > 0.9


def test_two_runs_agree_and_directions_are_what_they_say():
    bitext = read_text("de")
    source, english = list(bitext.source), list(bitext.english)
    first = word_align(source, english, 5)
    assert word_align(source, english, 5) == first
    # In a process of its own, because thot must not live in one that may fork.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        forward = pool.submit(fast_align, source, english, 5).result()
        reverse = pool.submit(fast_align, english, source, 5).result()
    assert first == [intersect(*each) for each in zip(forward, reverse, strict=True)]
    for links, s, e in zip(forward, source, english, strict=True):
        assert len({j for _, j in links}) == len(links)  # one source word per target word
        assert all(i < len(s.split()) and j < len(e.split()) for i, j in links)


LINKS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True)


@given(LINKS, LINKS)
def test_intersection_is_what_both_directions_have(forward, reverse):
    both = intersect(forward, reverse)
    assert both == sorted(both)
    assert all((link in both) == (link in forward and link[::-1] in reverse) for link in forward)
    assert set(both) <= set(forward)


@given(LINKS)
def test_pharaoh_text_round_trips(links):
    assert from_pharaoh(to_pharaoh(links)) == links


def test_pharaoh_text():
    assert to_pharaoh([(0, 0), (1, 12)]) == "0-0 1-12"
    assert to_pharaoh([]) == ""
    with pytest.raises(ValueError, match="unpack"):
        from_pharaoh("0-0-1")


@pytest.mark.parametrize("bad", ["", "   ", "a ||| b", " ".join(["w"] * (MAX_WORDS + 1))])
def test_lines_that_break_fast_align_are_named(bad):
    for pair in ((["a b", bad], ["c", "d"]), (["a b", "c"], ["c", bad])):
        with pytest.raises(PipelineError, match="line 2 is empty, has"):
            word_align(*pair, 5)


def test_sides_must_be_parallel():
    with pytest.raises(PipelineError, match="2 source lines and 1 English"):
        word_align(["a", "b"], ["c"], 5)
