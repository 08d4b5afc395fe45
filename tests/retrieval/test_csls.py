import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from retrieval_reference import brute_force, check, exact

from pipeline.common.errors import PipelineError
from pipeline.retrieval import csls as module
from pipeline.retrieval.csls import SIMILARITIES, retrieve
from pipeline.retrieval.exact_tiles import unit_integers

RANDOM = np.random.default_rng(0)
NORMAL = RANDOM.normal(size=(2, 61, 8)).astype(np.float32)
HUB = NORMAL + np.float32(0.5)
HUB[1, 7] = 1e6


@pytest.mark.parametrize("block", [1, 7, 61, None])
@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize(("n", "d", "k"), [(61, 8, 10), (40, 3, 4), (12, 5, 11)])
def test_equals_brute_force(n, d, k, similarity, block):
    source = NORMAL[0, :n, :d] * np.linspace(0.5, 2, n, dtype=np.float32)[:, None]
    english = source + NORMAL[1, :n, :d]
    results = retrieve(source, english, k, similarities=[similarity], block=block)
    check(results[similarity], brute_force(source, english, k, similarity))


@pytest.mark.parametrize("block", [1, 7, 61])
@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_equals_brute_force_with_one_huge_hub(similarity, block):
    results = retrieve(*HUB, 10, block=block)
    check(results[similarity], brute_force(*HUB, 10, similarity))


def test_csls_keeps_a_hub_from_winning_every_query():
    source = NORMAL[0] + 1  # all share a direction, and the hub is on it
    english = source + 1.5 * NORMAL[1]
    english[7] = 1
    results = retrieve(source, english, 10)
    wins = {name: (to_english.best_row == 7).sum() for name, (to_english, _) in results.items()}
    assert wins["csls"] < wins["cosine"]


small = st.integers(-2, 2).map(float)
anything = st.floats(-1, 1, width=32)


@settings(deadline=None, max_examples=30)
@given(
    data=st.data(),
    values=st.sampled_from([small, anything]),
    n=st.integers(4, 20),
    d=st.integers(1, 6),
    k=st.integers(1, 3),
)
def test_csls_is_exact_for_all_inputs_and_blocks(data, values, n, d, k):
    # Small integers give duplicates, opposite rows and vectors of zeros, hence ties.
    source, english = data.draw(arrays(np.float32, (2, n, d), elements=values))
    scores = exact(source, english, k)
    for block in (1, 7, n):
        results = retrieve(source, english, k, similarities=["csls"], block=block)
        check(results["csls"], scores)


@settings(deadline=None, max_examples=20)
@given(data=st.data(), n=st.integers(4, 20), d=st.integers(1, 6))
def test_no_similarity_depends_on_the_block(data, n, d):
    source, english = data.draw(arrays(np.float32, (2, n, d), elements=small))
    expected = retrieve(source, english, 3)
    for block in (1, 7):
        for name, directions in retrieve(source, english, 3, block=block).items():
            for retrieved, right in zip(directions, expected[name], strict=True):
                assert retrieved.best_row.tolist() == right.best_row.tolist()
                assert retrieved.rank.tolist() == right.rank.tolist()


@pytest.mark.parametrize("ranked", [True, False])
def test_tiles_that_are_computed_again_give_what_kept_ones_do(ranked, monkeypatch):
    random = np.random.default_rng(2)
    source, english = random.integers(-2, 3, (2, 40, 4)).astype(np.float32)
    options = {"near": 3, "ranked": ranked, "block": 7}
    kept = retrieve(source, english, 5, **options)
    monkeypatch.setattr(module, "KEPT_ROWS", 39)
    again = retrieve(source, english, 5, **options)
    for name, directions in kept.items():
        for one, other in zip(directions, again[name], strict=True):
            assert one.best_row.tolist() == other.best_row.tolist()
            assert one.rank.tolist() == other.rank.tolist()
            assert one.nearest.rows.tolist() == other.nearest.rows.tolist()
            assert one.nearest.scores.tolist() == other.nearest.scores.tolist()


def test_the_block_does_not_matter_at_a_realistic_dimension():
    # Float32 would not agree here: rows repeat, and BLAS adds in an order that depends on shape.
    random = np.random.default_rng(1)
    source, english = random.normal(size=(2, 90, 768)).astype(np.float32) + np.float32(1)
    english[30:60] = english[:30] = source[:30]
    scores = exact(source, english, 10)
    for block in (1, 7, 64, 90):
        check(retrieve(source, english, 10, similarities=["csls"], block=block)["csls"], scores)


def test_rounding_moves_cosines_no_more_than_float32_does():
    random = np.random.default_rng(2)
    sides = random.normal(size=(2, 200, 384)).astype(np.float32)
    x, y = (unit_integers(side, 24, torch.device("cpu"))[0].numpy() / 2**24 for side in sides)
    assert np.abs(x @ y.T - brute_force(*sides, 0, "cosine")).max() < 2e-7


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_ties_go_to_the_lower_row(similarity):
    same = np.ones((13, 3), np.float32)
    for vectors in (same, 0 * same):
        for retrieved in retrieve(vectors, vectors, 10, block=4)[similarity]:
            assert retrieved.best_row.tolist() == [0] * 13
            assert retrieved.rank.tolist() == list(range(13))


def test_zero_vectors_and_duplicates_have_a_defined_answer():
    english = np.eye(6, 4, dtype=np.float32)
    english[5] = english[2]  # row 4 is zero, row 5 repeats row 2
    to_english, _ = retrieve(english[[2, 2, 0, 1, 3, 2]], english, 2)["csls"]
    assert to_english.best_row.tolist() == [2, 2, 0, 1, 3, 2]
    assert to_english.rank.tolist()[5] == 1


@pytest.mark.skipif(not torch.accelerator.is_available(), reason="no accelerator")
def test_an_accelerator_gives_the_same_result():
    device = torch.accelerator.current_accelerator()
    random = np.random.default_rng(3)
    source, english = random.normal(size=(2, 500, 96)).astype(np.float32)
    expected = retrieve(source, english, 10)
    for name, directions in retrieve(source, english, 10, device=device).items():
        for retrieved, right in zip(directions, expected[name], strict=True):
            assert retrieved.best_row.tolist() == right.best_row.tolist()
            assert retrieved.rank.tolist() == right.rank.tolist()


def test_the_vectors_are_not_modified():
    vectors = NORMAL.astype(np.float64)
    retrieve(*vectors, 10)
    assert np.array_equal(vectors, NORMAL.astype(np.float64))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("side", [0, 1])
def test_refuses_vectors_that_are_not_finite(side, value):
    vectors = NORMAL.copy()
    vectors[side, 3, 1] = value
    with pytest.raises(PipelineError, match="vectors are not finite: align the encoder again"):
        retrieve(*vectors, 2)


def test_refuses_what_it_cannot_rank():
    vectors = np.ones((10, 3), np.float32)
    with pytest.raises(PipelineError, match="10 word pairs are too few for 10 neighbours"):
        retrieve(vectors, vectors, 10)
    for other in (vectors[:9], vectors[:, :2]):
        with pytest.raises(PipelineError, match="are not pairs"):
            retrieve(vectors, other, 2)
