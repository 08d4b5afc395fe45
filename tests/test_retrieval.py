import numpy as np
import pytest

from pipeline import retrieval
from pipeline.errors import PipelineError
from pipeline.retrieval import accuracy, retrieve


def brute_force(source, english, k):
    """CSLS written plainly, in float64, one query at a time with a full sort."""
    x = source.astype(np.float64)
    y = english.astype(np.float64)
    cosine = np.zeros((len(x), len(y)))
    for i in range(len(x)):
        for j in range(len(y)):
            norm = np.sqrt((x[i] ** 2).sum()) * np.sqrt((y[j] ** 2).sum())
            cosine[i, j] = x[i] @ y[j] / norm if norm else 0.0
    r_x = [np.mean(np.sort(cosine[i])[::-1][:k]) for i in range(len(x))]
    r_y = [np.mean(np.sort(cosine[:, j])[::-1][:k]) for j in range(len(y))]
    return np.array(
        [[2 * cosine[i, j] - r_x[i] - r_y[j] for j in range(len(y))] for i in range(len(x))]
    )


@pytest.mark.parametrize(("n", "d", "k", "seed"), [(40, 8, 10, 0), (61, 3, 4, 1), (12, 5, 11, 2)])
def test_equals_brute_force(n, d, k, seed):
    random = np.random.default_rng(seed)
    source = random.normal(size=(n, d)).astype(np.float32)
    english = (source + random.normal(size=(n, d))).astype(np.float32)
    scores = brute_force(source, english, k)
    forward, reverse = retrieve(source, english, k)
    assert forward.tolist() == scores.argmax(axis=1).tolist()
    assert reverse.tolist() == scores.argmax(axis=0).tolist()
    assert accuracy(forward) == np.mean(scores.argmax(axis=1) == np.arange(n))


def test_a_hub_does_not_win_every_query():
    random = np.random.default_rng(0)
    source = random.normal(size=(50, 20)) + 1  # all share a direction, and the hub is on it
    english = source + 1.5 * random.normal(size=(50, 20))
    english[7] = 1
    cosine = (source / np.linalg.norm(source, axis=1, keepdims=True)) @ (
        english / np.linalg.norm(english, axis=1, keepdims=True)
    ).T
    by_cosine = cosine.argmax(axis=1)
    by_csls, _ = retrieve(source, english, 10)
    assert (by_csls == 7).sum() < (by_cosine == 7).sum()
    assert by_csls.tolist() == brute_force(source, english, 10).argmax(axis=1).tolist()


def test_zero_vectors_and_duplicates_have_a_stated_answer():
    english = np.eye(6, 4)
    english[5] = english[2]  # row 4 is zero, row 5 repeats row 2
    forward, _ = retrieve(english[[2, 2, 0, 1, 3, 2]], english, 2)
    assert forward.tolist() == [2, 2, 0, 1, 3, 2]  # ties go to the lower row


@pytest.mark.parametrize("block", [1, 7, 40])
def test_the_block_size_does_not_matter(monkeypatch, block):
    random = np.random.default_rng(3)
    source, english = random.normal(size=(2, 40, 8))
    expected = retrieve(source, english, 10)
    monkeypatch.setattr(retrieval, "BLOCK", block)
    for found, right in zip(retrieve(source, english, 10), expected, strict=True):
        assert found.tolist() == right.tolist()


def test_refuses_what_it_cannot_rank():
    vectors = np.ones((10, 3))
    with pytest.raises(PipelineError, match="10 word pairs are too few for 10 neighbours"):
        retrieve(vectors, vectors, 10)
    vectors[3, 1] = np.nan
    with pytest.raises(PipelineError, match="not finite"):
        retrieve(vectors, vectors, 2)
