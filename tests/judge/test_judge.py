"""The judge's links, and which aligner has a pair, against counts and sets written plainly."""

import itertools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest

from pipeline.common.errors import PipelineError
from pipeline.judge.judge import (
    eflomal_links,
    fast_align_links,
    found_by,
    frequent,
    sample_direction,
)
from pipeline.judge.settings import JudgeSettings
from pipeline.word_align.gold import Gold
from pipeline.word_align.links import from_pairs, to_pharaoh

# Each word has one translation and sentences are reversed; case differs.
WORDS = {"Rot": "red", "blau": "Blue", "haus": "house", "hund": "dog", "baum": "tree"}
SOURCE = [" ".join(words) for words in itertools.permutations(WORDS, 3)]
ENGLISH = [" ".join(WORDS[word] for word in reversed(line.split())) for line in SOURCE]
RIGHT = from_pairs([{(0, 2), (1, 1), (2, 0)}] * len(SOURCE))
GOLD = {"toy": Gold(["haus hund baum"], ["tree dog house"], RIGHT.split(1)[0], RIGHT.split(1)[0])}
SETTINGS = JudgeSettings(runs=3, agree=2, sentences=99)


@pytest.fixture(scope="module")
def eflomal():
    return eflomal_links(SOURCE, ENGLISH, GOLD, SETTINGS)


def test_eflomal_has_the_links_that_enough_samples_have_in_both_directions(eflomal):
    texts = SOURCE + GOLD["toy"].source, ENGLISH + GOLD["toy"].english
    counts = {}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        for seed in (1, 2, 3):
            forward, reverse = (
                list(pool.submit(sample_direction, *texts, seed, way).result().by_sentence())
                for way in (False, True)
            )
            for number, sides in enumerate(zip(forward, reverse, strict=True)):
                for link in set.intersection(*sides):
                    counts[number, link] = counts.get((number, link), 0) + 1
    expected = {key for key, count in counts.items() if count >= 2}
    links = [*eflomal.text.by_sentence(), *eflomal.gold["toy"].by_sentence()]
    assert {(number, link) for number, line in enumerate(links) for link in line} == expected
    assert np.isin(RIGHT.keys, eflomal.text.keys).mean() > 0.8


def test_the_judge_gives_the_same_links_twice(eflomal):
    again = eflomal_links(SOURCE, ENGLISH, GOLD, SETTINGS)
    assert to_pharaoh(again.text) == to_pharaoh(eflomal.text)


def test_fast_align_has_links_of_the_text_and_of_gold_sentences():
    links = fast_align_links(SOURCE, ENGLISH, GOLD)
    assert np.isin(RIGHT.keys, links.text.keys).mean() > 0.8
    assert links.gold["toy"].sentences == 1


def test_frequent_links_are_counted_over_samples():
    samples = [from_pairs(links) for links in ([{(0, 0), (1, 1)}], [{(0, 0)}], [{(0, 0), (2, 1)}])]
    assert [to_pharaoh(frequent(samples, least)) for least in (1, 2, 4)] == [
        ["0-0 1-1 2-1"],
        ["0-0"],
        [""],
    ]


def table(*pairs):
    return pd.DataFrame(pairs, columns=["line", "source_index", "english_index"])


def test_each_pair_is_found_by_the_aligners_that_have_its_link():
    fast_align = from_pairs([{(0, 0), (1, 1)}, {(2, 3)}, set()])
    eflomal = from_pairs([{(0, 0)}, {(2, 3), (5, 5)}, set()])
    pairs = table((1, 5, 5), (0, 0, 0), (0, 1, 1), (1, 2, 3), (1, 3, 2))
    assert found_by(pairs, fast_align, eflomal).tolist() == [
        "eflomal",
        "both",
        "fast_align",
        "both",
        "neither",
    ]


def test_pairs_past_the_judged_sentences_are_refused():
    links = from_pairs([{(0, 0)}] * 3)
    with pytest.raises(PipelineError, match=r"pair 4, but only 3 .* judge.sentences to at least 4"):
        found_by(table((0, 0, 0), (3, 0, 0)), from_pairs([{(0, 0)}] * 9), links)
