import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.common.errors import PipelineError
from pipeline.retrieval import type_vectors as module
from pipeline.retrieval.results import Retrieved
from pipeline.retrieval.type_vectors import compare_with_types, nearest_types, type_vectors

NAMES = ("source_word", "english_word")


def table(*pairs):
    return pd.DataFrame(pairs, columns=list(NAMES))


def cosines(x, y):
    """float64, one pair at a time."""
    return np.array([[a @ b / np.sqrt((a @ a) * (b @ b)) for b in y] for a in x])


def csls(x, y, k):
    product = cosines(x.astype(np.float64), y.astype(np.float64))
    r_x = np.array([np.sort(row)[::-1][:k].mean() for row in product])
    r_y = np.array([np.sort(column)[::-1][:k].mean() for column in product.T])
    return 2 * product - r_x[:, None] - r_y


@pytest.mark.parametrize("block", [1, 7, 1024])
@pytest.mark.parametrize(("m", "n", "k"), [(31, 9, 10), (9, 31, 4), (3, 5, 10), (1, 1, 10)])
def test_nearest_types_equal_brute_force(monkeypatch, m, n, k, block):
    monkeypatch.setattr(module, "ROWS_PER_PRODUCT", block)
    random = np.random.default_rng(m)
    x, y = random.normal(size=(m, 6)) + 0.3, random.normal(size=(n, 6)) + 0.3
    assert nearest_types(x, y, k).tolist() == csls(x, y, k).argmax(axis=1).tolist()


def test_types_are_ranked_by_csls_not_cosine():
    random = np.random.default_rng(5)
    x, y = random.normal(size=(2, 40, 4)) + 0.5
    y[7] = 1  # a hub
    found = nearest_types(x, y, 10)
    assert found.tolist() != cosines(x, y).argmax(axis=1).tolist()


@settings(deadline=None, max_examples=30)
@given(arrays(np.float64, (12, 3), elements=st.integers(-2, 2).map(float)), st.integers(1, 4))
def test_ties_go_to_the_first_candidate(vectors, k):
    queries, candidates = vectors[:5], np.concatenate([vectors[5:], vectors[5:]])
    found = nearest_types(queries, candidates, k)
    assert found.max() < len(candidates) // 2


def test_a_type_vector_is_the_mean_of_its_vectors():
    words = np.array(["b", "a", "b", "c", "b"], object)
    vectors = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    types = type_vectors(words, vectors)
    assert list(types.words) == ["a", "b", "c"]
    expected = [vectors[words == word].astype(np.float64).mean(axis=0) for word in types.words]
    np.testing.assert_allclose(types.vectors, expected)


def restated(training, vectors, test, contextual, k):
    """The whole comparison in dictionaries and loops."""
    means = []
    for name, side in zip(NAMES, vectors, strict=True):
        by_word = {}
        for word, vector in zip(training[name], side.astype(np.float64), strict=True):
            by_word.setdefault(word.casefold(), []).append(vector)
        means.append({word: np.mean(each, axis=0) for word, each in by_word.items()})
    pairs = [tuple(word.casefold() for word in pair) for pair in test.to_numpy().tolist()]
    compared = [n for n, (s, e) in enumerate(pairs) if s in means[0] and e in means[1]]
    figures = {"pairs": len(compared)}
    for number, name in enumerate(("source_types", "english_types")):
        figures[name] = len({pairs[n][number] for n in compared})
    for query, direction in enumerate(("to_english", "from_english")):
        target, result = 1 - query, contextual[query]
        x, y = (sorted({pairs[n][side] for n in compared}) for side in (query, target))
        scores = csls(
            np.array([means[query][word] for word in x]),
            np.array([means[target][word] for word in y]),
            k,
        )
        answer = {word: y[row.argmax()] for word, row in zip(x, scores, strict=True)}
        words = [pair[target] for pair in pairs] + [None] * 99
        figures[direction] = {
            "types": np.mean([answer[pairs[n][query]] == pairs[n][target] for n in compared]),
            "contextual_types": np.mean([words[result.best_row[n]] == words[n] for n in compared]),
            "contextual": np.mean([result.rank[n] == 0 for n in compared]),
        }
    return figures


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_comparison_in_loops(seed):
    random = np.random.default_rng(seed)

    def draw(count):
        letters = np.array(list("aAbcdeEfgh"))
        return table(*random.choice(letters, (count, 2)).tolist())

    training, test = draw(12), draw(60)
    vectors = tuple(random.normal(size=(2, 12, 5)).astype(np.float32))
    # Rows from 60 on are special tokens.
    best_rows = random.integers(0, 64, (2, 60))
    ranks = np.where(best_rows == np.arange(60), 0, random.integers(0, 3, (2, 60)))
    contextual = tuple(Retrieved(*each) for each in zip(best_rows, ranks, strict=True))
    figures = compare_with_types(training, vectors, test, contextual, neighbours=3)
    expected = restated(training, vectors, test, contextual, 3)
    assert 0 < figures["pairs"] <= 60
    assert figures == expected


def test_a_word_with_two_translations_is_right_for_one_of_them():
    training = table(("Bank", "bank"), ("bank", "bench"), ("und", "and"))
    vectors = np.array([[1, 0.1], [1, -0.3], [0, 1]]), np.array([[1, 0], [1, -0.9], [0, 1]])
    test = table(("Bank", "Bank"), ("Bank", "bench"), ("und", "and"), ("neu", "new"))
    right = Retrieved(np.arange(4), np.array([0, 0, 1, 0]))
    figures = compare_with_types(training, vectors, test, (right, right), neighbours=1)
    assert figures["pairs"] == 3
    assert (figures["source_types"], figures["english_types"]) == (2, 3)
    assert figures["to_english"]["types"] == 2 / 3
    assert figures["to_english"]["contextual"] == 2 / 3
    assert figures["to_english"]["contextual_types"] == 1


def test_without_common_types_no_pairs_are_compared():
    nothing = np.zeros((0, 4), np.float32)
    right = Retrieved(np.array([0]), np.array([0]))
    test = table(("a", "b"))
    results = (right, right)
    figures = compare_with_types(table(), (nothing, nothing), test, results, neighbours=3)
    assert figures == {"pairs": 0}
    half = table(("a", "x"))
    ones = np.ones((1, 4), np.float32)
    figures = compare_with_types(half, (ones, ones), test, results, neighbours=3)
    assert figures == {"pairs": 0}


def test_refuses_vectors_that_are_not_finite():
    training = table(("a", "b"))
    broken = np.full((1, 4), np.nan, np.float32)
    right = Retrieved(np.array([0]), np.array([0]))
    with pytest.raises(PipelineError, match="not finite"):
        compare_with_types(training, (broken, broken), training, (right, right), neighbours=3)
