import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from pipeline.retrieval.tsne_map import frequent_pairs, word_map


def table(*pairs):
    return pd.DataFrame(pairs, columns=["source_word", "english_word"])


def test_frequent_types_have_letters_only_ignore_case_and_share_no_word():
    pairs = table(
        ("Haus", "house"),
        ("42000", "42000"),
        ("alte", "aged"),
        ("haus", "House"),
        ("alter", "aged"),
        ("und", "and"),
        ("alte", "aged"),
        ("HAUS", "house"),
        ("alter", "aged"),
        ("Hund", "hound"),
        ("alte", "aged"),
        ("und", "and"),
        ("42000", "42000"),
    )
    assert frequent_pairs(pairs).tolist() == [
        0,
        2,
        3,
        6,
        7,
        10,
    ]  # alter: aged is taken; Hund occurs once
    assert frequent_pairs(pairs, types=1).tolist() == [
        2,
        6,
        10,
    ]  # as frequent as Haus, and before it
    assert frequent_pairs(pairs, occurrences=2).tolist() == [0, 2, 3, 6]


@pytest.fixture(scope="module")
def words():
    """Five types of ten occurrences; the vectors of each type cluster around one direction."""
    pairs = table(*[(f"wort{k}", f"word{k}") for k in "abcde"] * 10, ("selten", "rare"))
    random = np.random.default_rng(0)
    centres = random.normal(size=(5, 16))
    around = np.concatenate([np.tile(centres, (10, 1)), random.normal(size=(1, 16))])
    source, english = (around + 0.1 * random.normal(size=(51, 16)) for _ in range(2))
    return pairs, source * random.uniform(1, 99, (51, 1)), english


def test_occurrences_of_a_type_are_close_in_both_languages(words):
    places = word_map(*words)
    assert list(places.columns) == ["side", "pair", "x", "y"]
    assert places.side.tolist() == ["source"] * 50 + ["english"] * 50
    assert places.pair.tolist() == [*range(50)] * 2
    distances = cdist(places[["x", "y"]], places[["x", "y"]])
    word_type = places.pair.to_numpy() % 5
    same = word_type[:, None] == word_type
    assert distances[same].max() < distances[~same].min()


def test_the_map_is_deterministic_and_ignores_additional_rows(words):
    pairs, source, english = words
    more = np.concatenate([source, np.ones((7, 16))]), np.concatenate([english, np.ones((7, 16))])
    pd.testing.assert_frame_equal(word_map(*words), word_map(pairs, *more))


def test_without_frequent_words_the_map_is_empty():
    pairs = table(("Hund", "hound"), ("Haus", "house"))
    assert word_map(pairs, np.eye(2), np.eye(2)).empty
    few = table(("Hund", "hound"), ("Hund", "hound"))
    assert len(word_map(few, np.eye(2), np.zeros((2, 2)))) == 4
