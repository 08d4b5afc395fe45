"""Contextual word retrieval by CSLS (Conneau et al., 2018; Cao et al., 2020, section 3.2)."""

import numpy as np

from pipeline.errors import PipelineError

BLOCK = 1024  # rows of the similarity matrix held at once


def retrieve(
    source: np.ndarray, english: np.ndarray, neighbours: int
) -> tuple[np.ndarray, np.ndarray]:
    """The row of `english` nearest to each row of `source`, and the reverse, by CSLS.

    CSLS(x, y) = 2 cos(x, y) - r(x) - r(y), with r the mean cosine to the `neighbours` nearest
    rows of the other side. Both arguments are [n, dimension]; ties go to the lower row. Raises
    PipelineError for vectors it cannot rank.
    """
    source, english = _unit(source, neighbours), _unit(english, neighbours)
    hub_source = _mean_nearest(source, english, neighbours)
    hub_english = _mean_nearest(english, source, neighbours)
    # r(x) is the same for all candidates of a query x, so it cannot change the order.
    return _nearest(source, english, hub_english), _nearest(english, source, hub_source)


def accuracy(found: np.ndarray) -> float:
    """Share of queries whose own row was found: pairs stand in the same row on both sides."""
    return float(np.mean(found == np.arange(len(found))))


def _unit(vectors: np.ndarray, neighbours: int) -> np.ndarray:
    if len(vectors) <= neighbours:
        raise PipelineError(
            f"retrieval: {len(vectors)} word pairs are too few for {neighbours} neighbours: "
            "raise pairs.test or lower retrieval.neighbours"
        )
    if not np.isfinite(vectors).all():
        raise PipelineError("retrieval: vectors are not finite: the encoder is broken, align again")
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.finfo(vectors.dtype).tiny))


def _blocks(rows: int) -> list[slice]:
    return [slice(start, start + BLOCK) for start in range(0, rows, BLOCK)]


def _mean_nearest(queries: np.ndarray, candidates: np.ndarray, neighbours: int) -> np.ndarray:
    means = []
    for block in _blocks(len(queries)):
        cosines = queries[block] @ candidates.T
        means.append(np.partition(cosines, -neighbours, axis=1)[:, -neighbours:].mean(axis=1))
    return np.concatenate(means)


def _nearest(queries: np.ndarray, candidates: np.ndarray, hub: np.ndarray) -> np.ndarray:
    best = [
        (2 * (queries[block] @ candidates.T) - hub).argmax(axis=1)
        for block in _blocks(len(queries))
    ]
    return np.concatenate(best)
