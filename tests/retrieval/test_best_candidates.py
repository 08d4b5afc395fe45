import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pipeline.analyses.accuracy_by_group import hubness_measures
from pipeline.retrieval.best_candidates import Search, first_largest
from pipeline.retrieval.csls import retrieve

few = st.integers(-2, 2).map(float)  # so that there are ties
SCORES = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=few)


@given(SCORES, st.integers(1, 9))
def test_first_largest_prefers_the_first_of_ties(scores, count):
    count = min(count, scores.shape[1])
    values, columns = first_largest(torch.from_numpy(scores), count)
    for row, row_values, row_columns in zip(scores, values, columns, strict=True):
        best_first = sorted(range(len(row)), key=lambda column: (-row[column], column))
        expected = sorted(best_first[:count])
        assert row_columns.tolist() == expected
        assert row_values.tolist() == [row[column] for column in expected]


@settings(deadline=None)
@given(st.data(), st.integers(1, 12), st.integers(1, 12))
def test_nearest_rows_and_occurrences_equal_a_full_sort_for_all_tile_sizes(data, n, near):
    scores = data.draw(arrays(np.float64, (n, n), elements=few))
    hubs = data.draw(arrays(np.float64, n, elements=few))
    order = np.argsort(-(scores - hubs), axis=1, kind="stable")[:, :near]
    expected = np.bincount(order.ravel(), minlength=n)
    for block in (1, 5, n):
        own_scores = torch.from_numpy(np.diag(scores).copy())
        search = Search(own_scores, torch.from_numpy(hubs), near)
        for rows in range(0, n, block):
            for columns in range(0, n, block):
                tile = scores[rows : rows + block, columns : columns + block].copy()
                queries = slice(rows, min(rows + block, n))
                candidates = slice(columns, min(columns + block, n))
                search.update(torch.from_numpy(tile), queries, candidates)
        query_hubs = np.arange(n) / 2
        nearest = search.result(torch.from_numpy(query_hubs), 4.0).nearest
        assert nearest.occurrences.tolist() == expected.tolist()
        assert nearest.rows.tolist() == order.tolist()
        values = np.take_along_axis(scores - hubs - query_hubs[:, None], order, axis=1)
        np.testing.assert_array_equal(nearest.scores, values / 4)


@pytest.mark.parametrize("block", [1, 7, 61])
def test_nearest_rows_and_similarities_equal_brute_force_in_float64(block):
    source, english = np.random.default_rng(4).normal(size=(2, 61, 6)) + 0.5
    x, y = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (source, english))
    cosine = x @ y.T
    r_x = np.sort(cosine, axis=1)[:, -10:].mean(axis=1)
    r_y = np.sort(cosine, axis=0)[-10:].mean(axis=0)
    lengths = [np.linalg.norm(side, axis=1) / np.linalg.norm(side) for side in (source, english)]
    plain = cosine * lengths[0][:, None] * lengths[1]
    hub_x, hub_y = (np.sort(each, axis=1)[:, -10:].mean(axis=1) for each in (plain, plain.T))
    scores = {"csls": 2 * cosine - r_x[:, None] - r_y, "cosine": cosine}
    scores["authors"] = 2 * plain - hub_x[:, None] - hub_y
    results = retrieve(source, english, 10, near=10, block=block)
    for name, each in scores.items():
        for retrieved, expected in zip(results[name], (each, each.T), strict=True):
            rows = np.argsort(-expected, axis=1)[:, :10]
            assert retrieved.nearest.rows.tolist() == rows.tolist()
            values = np.take_along_axis(expected, rows, axis=1)
            np.testing.assert_allclose(retrieved.nearest.scores, values, atol=1e-6)
            counts = np.bincount(rows.ravel(), minlength=61)
            assert retrieved.nearest.occurrences.tolist() == counts.tolist()
            assert retrieved.nearest.occurrences.sum() == 610
    skewness = {
        name: hubness_measures(to_english.nearest.occurrences)["skewness"]
        for name, (to_english, _) in results.items()
    }
    assert skewness["csls"] < skewness["cosine"]


def test_nearest_rows_are_kept_on_request_only():
    vectors = np.eye(4)
    assert retrieve(vectors, vectors, 2)["csls"][0].nearest is None
