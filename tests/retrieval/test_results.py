import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.analyses.accuracy_by_group import hubness_measures
from pipeline.analyses.before_after import fates
from pipeline.common.errors import PipelineError
from pipeline.retrieval.results import (
    Nearest,
    Retrieved,
    accuracies_at_cutoffs,
    direction_accuracies,
    neighbours,
    outcomes,
)

SOURCE = ["das alte Haus", "leer", "der alte Hund"]
ENGLISH = ["the old house", "empty", "the old dog"]
PAIRS = pd.DataFrame(
    [
        (0, 1, 1, "alte", "old"),
        (0, 2, 2, "Haus", "house"),
        (2, 1, 1, "alte", "old"),
        (2, 2, 2, "Hund", "dog"),
    ],
    columns=["line", "source_index", "english_index", "source_word", "english_word"],
)


def outcome(to_english, from_english):
    """The table of best rows and ranks of both directions."""
    return outcomes(tuple(Retrieved(*map(np.array, each)) for each in (to_english, from_english)))


def with_nearest(best_row, rank, rows, scores, occurrences):
    nearest = Nearest(np.array(rows), np.array(scores), np.array(occurrences))
    return Retrieved(np.array(best_row), np.array(rank), nearest)


WITH_NEAREST = (
    with_nearest([0, 1], [0, 0], [[0, 2, 1], [1, 0, 2]], [[0.5, 0.25, 0], [0.75, 0.5, 0]], [3, 5]),
    with_nearest([1, 0], [1, 2], [[1, 0, 2], [0, 2, 1]], [[1, 0.5, 0], [1, 0.25, 0]], [4, 6]),
)
BEFORE = outcome(([2, 3, 2, 3], [1, 4, 0, 0]), ([0, 1, 2, 3], [0, 0, 0, 0]))
AFTER = outcome(([0, 1, 0, 1], [0, 0, 1, 7]), ([0, 1, 2, 1], [0, 0, 0, 2]))
TABLE = fates(PAIRS, SOURCE, ENGLISH, BEFORE, AFTER)


def test_fates_of_both_directions():
    assert TABLE.direction.tolist() == ["to_english"] * 4 + ["from_english"] * 4
    assert TABLE.fate[:4].tolist() == ["fixed", "fixed", "broken", "broken"]
    assert TABLE.fate[4:].tolist() == ["right", "right", "right", "broken"]
    both = fates(PAIRS, SOURCE, ENGLISH, BEFORE, BEFORE).fate
    assert both.tolist() == ["wrong", "wrong", "right", "right", *["right"] * 4]


def test_a_row_to_english_has_query_answer_and_both_results():
    assert TABLE.loc[1].to_dict() == {
        "direction": "to_english",
        "fate": "fixed",
        "line": 0,
        "word": "Haus",
        "index": 2,
        "sentence": "das alte Haus",
        "answer": "house",
        "answer_index": 2,
        "answer_sentence": "the old house",
        "before_line": 2,
        "before_word": "dog",
        "before_index": 2,
        "before_sentence": "the old dog",
        "before_rank": 4,
        "after_line": 0,
        "after_word": "house",
        "after_index": 2,
        "after_sentence": "the old house",
        "after_rank": 0,
    }


def test_a_row_from_english_has_the_source_word_as_answer():
    row = TABLE.loc[7]
    assert (row.word, row.sentence, row.answer) == ("dog", "the old dog", "Hund")
    assert (row.before_word, row.after_word, row.after_sentence) == ("Hund", "Haus", SOURCE[0])
    assert row.after_rank == 2


def test_the_same_word_in_another_sentence_is_not_the_answer():
    row = TABLE.loc[2]
    assert (row.answer, row.after_word, row.fate) == ("old", "old", "broken")
    assert row.after_line != row.line


def test_outcomes_have_occurrences_only_if_counted():
    assert list(BEFORE.columns) == [
        "to_english_found",
        "to_english_rank",
        "from_english_found",
        "from_english_rank",
    ]
    counted = outcomes(WITH_NEAREST)
    assert counted.to_english_near.tolist() == [3, 5]
    assert counted.from_english_near.tolist() == [4, 6]


def test_neighbours_are_the_nearest_of_each_query():
    table = neighbours(WITH_NEAREST, 2)
    assert table.direction.tolist() == ["to_english"] * 4 + ["from_english"] * 4
    assert table.pair.tolist() == [0, 0, 1, 1] * 2
    assert table.found.tolist() == [0, 2, 1, 0, 1, 0, 0, 2]
    assert table.score.tolist() == [0.5, 0.25, 0.75, 0.5, 1.0, 0.5, 1.0, 0.25]
    assert len(neighbours(WITH_NEAREST, 9)) == 2 * 2 * 3
    first_query = neighbours(tuple(each.head(1) for each in WITH_NEAREST), 3)
    assert first_query.found.tolist() == [0, 2, 1, 1, 0, 2]


def test_refuses_outcomes_of_other_pairs():
    with pytest.raises(PipelineError, match="outcomes of 3 and 4 words for 4 pairs"):
        fates(PAIRS, SOURCE, ENGLISH, BEFORE.head(3), AFTER)


def test_hubness_is_the_skewness_of_the_counts():
    counts = np.random.default_rng(0).poisson(2, 500)
    found = hubness_measures(counts)
    assert found["skewness"] == pytest.approx(stats.skew(counts))
    assert found["never"] == np.mean(counts == 0) > 0
    assert hubness_measures(np.array([3, 3, 3])) == {"skewness": 0.0, "never": 0.0}


def test_retrieved_special_tokens_are_named_with_their_sentence():
    # After the 4 words come [CLS] of the sentences 0 and 2, then [SEP] of both.
    after = outcome(([4, 5, 2, 3], [1, 1, 0, 0]), ([6, 7, 2, 3], [1, 1, 0, 0]))
    table = fates(PAIRS, SOURCE, ENGLISH, BEFORE, after)
    columns = ["after_word", "after_index", "after_line", "after_sentence"]
    assert table.loc[[0, 1, 4, 5], columns].values.tolist() == [
        ["[CLS]", -1, 0, "the old house"],
        ["[CLS]", -1, 2, "the old dog"],
        ["[SEP]", -1, 0, "das alte Haus"],
        ["[SEP]", -1, 2, "der alte Hund"],
    ]
    assert table.dtypes.equals(TABLE.dtypes)


def test_accuracies_of_both_directions_and_at_cutoffs():
    ranks = np.array([0, 3, 7, 12]), np.array([0, 0, 4, 10])
    directions = tuple(Retrieved(np.zeros(4, np.int64), rank) for rank in ranks)
    top = json.loads(json.dumps(direction_accuracies(directions)))
    assert top == {"to_english": 0.25, "from_english": 0.5, "mean": 0.375}
    assert json.loads(json.dumps(accuracies_at_cutoffs(directions))) == {
        "to_english@1": 0.25,
        "from_english@1": 0.5,
        "mean@1": 0.375,
        "to_english@5": 0.5,
        "from_english@5": 0.75,
        "mean@5": 0.625,
        "to_english@10": 0.75,
        "from_english@10": 0.75,
        "mean@10": 0.75,
    }
