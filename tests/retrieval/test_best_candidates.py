import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pipeline.analyses.accuracy_by_group import hubness
from pipeline.retrieval.best_candidates import Search, first_largest
from pipeline.retrieval.csls import retrieve

few = st.integers(-2, 2).map(float)  # so that there are ties
SCORES = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=few)


@given(SCORES, st.integers(1, 9))
def test_the_largest_are_the_first_of_equal_ones(scores, count):
    count = min(count, scores.shape[1])
    values, columns = first_largest(torch.from_numpy(scores), count)
    for row, found, at in zip(scores, values.tolist(), columns.tolist(), strict=True):
        expected = sorted(
            sorted(range(len(row)), key=lambda column: (-row[column], column))[:count]
        )
        assert at == expected
        assert found == [row[column] for column in expected]


@settings(deadline=None)
@given(st.data(), st.integers(1, 12), st.integers(1, 12))
def test_the_nearest_and_their_occurrences_equal_a_full_sort_whatever_the_tiles(data, n, near):
    scores = data.draw(arrays(np.float64, (n, n), elements=few))
    hubs = data.draw(arrays(np.float64, n, elements=few))
    order = np.argsort(-(scores - hubs), axis=1, kind="stable")[:, :near]
    expected = np.bincount(order.ravel(), minlength=n)
    for block in (1, 5, n):
        own = torch.from_numpy(np.diag(scores).copy())
        search = Search(own, torch.from_numpy(hubs), near)
        for rows in range(0, n, block):
            for columns in range(0, n, block):
                tile = scores[rows : rows + block, columns : columns + block].copy()
                at = [slice(start, min(start + block, n)) for start in (rows, columns)]
                search.update(torch.from_numpy(tile), *at)
        off = np.arange(n) / 2
        kept = search.result(torch.from_numpy(off), 4.0).near
        assert kept.occurrences.tolist() == expected.tolist()
        assert kept.rows.tolist() == order.tolist()
        values = np.take_along_axis(scores - hubs - off[:, None], order, axis=1)
        np.testing.assert_array_equal(kept.scores, values / 4)


@pytest.mark.parametrize("block", [1, 7, 61])
def test_the_nearest_and_their_similarity_equal_brute_force_in_float64(block):
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
        for retrieved, turned in zip(results[name], (each, each.T), strict=True):
            nearest = np.argsort(-turned, axis=1)[:, :10]
            assert retrieved.near.rows.tolist() == nearest.tolist()
            found = np.take_along_axis(turned, nearest, axis=1)
            np.testing.assert_allclose(retrieved.near.scores, found, atol=1e-6)
            counts = np.bincount(nearest.ravel(), minlength=61)
            assert retrieved.near.occurrences.tolist() == counts.tolist()
            assert retrieved.near.occurrences.sum() == 610
    hubs = [hubness(results[name][0].near.occurrences)["skewness"] for name in ("csls", "cosine")]
    assert hubs[0] < hubs[1]


def test_nothing_is_kept_unless_it_is_asked_for():
    vectors = np.eye(4)
    assert retrieve(vectors, vectors, 2)["csls"][0].near is None
