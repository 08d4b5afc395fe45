import numpy as np
import pytest
from retrieval_reference import brute_force

from pipeline.common.errors import PipelineError
from pipeline.retrieval import gold_words as module
from pipeline.retrieval.csls import retrieve
from pipeline.retrieval.gold_words import gold_ranks

RANDOM = np.random.default_rng(7)
TEST = RANDOM.normal(size=(30, 6)), RANDOM.normal(size=(30, 6))
GOLD = RANDOM.normal(size=(8, 6)), RANDOM.normal(size=(8, 6))


def unit(vectors):
    return vectors / np.sqrt((vectors**2).sum(axis=1, keepdims=True))


def restated(gold, test, k):
    """Ranks in float64, one query at a time."""
    ranks = {}
    for direction, way in (("to_english", 1), ("from_english", -1)):
        (x, own), (near, others) = gold[::way], test[::way]
        candidates = np.concatenate([others, own])
        hubs = np.sort(unit(candidates) @ unit(near).T, axis=1)[:, -k:].mean(axis=1)
        ranks[f"{direction}_rank"] = []
        for i, query in enumerate(unit(x)):
            scores = 2 * unit(candidates) @ query - hubs
            place = len(others) + i
            before = sum(scores > scores[place]) + sum(scores[:place] == scores[place])
            ranks[f"{direction}_rank"].append(before)
    return ranks


@pytest.mark.parametrize("rows", [3, 1024])
def test_ranks_equal_brute_force_for_every_block(rows, monkeypatch):
    monkeypatch.setattr(module, "ROWS_PER_PRODUCT", rows)
    assert gold_ranks(GOLD, TEST, 5).to_dict("list") == restated(GOLD, TEST, 5)


def test_a_test_word_as_gold_query_is_retrieved_as_in_the_test_set():
    # Its copies among the gold candidates come after the test set's words, so they never win.
    alone = retrieve(*TEST, 5)["csls"]
    found = gold_ranks((TEST[0][:4], TEST[1][:4]), TEST, 5)
    scores = brute_force(*TEST, 5, "csls")
    for i in range(4):
        place = found["to_english_rank"][i]
        own_first = int(alone[0].rank[i])
        copies = sum(scores[i, :4] > scores[i, i])
        assert place == own_first + 1 + copies  # the original itself ties and comes before


def test_without_gold_there_are_no_ranks():
    found = gold_ranks((np.empty((0, 6)), np.empty((0, 6))), TEST, 5)
    assert list(found.columns) == ["to_english_rank", "from_english_rank"]
    assert found.empty


def test_refuses_vectors_that_are_not_finite():
    broken = GOLD[0].copy()
    broken[0, 0] = np.inf
    with pytest.raises(PipelineError, match="not finite"):
        gold_ranks((broken, GOLD[1]), TEST, 5)
