"""Retrieval by brute force in float64."""

import numpy as np


def brute_force(source, english, k, similarity):
    """The scores [source, english], computed plainly in float64, one pair at a time."""
    x, y = source.astype(np.float64), english.astype(np.float64)
    if similarity == "authors":
        x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    product = np.array([[a @ b for b in y] for a in x])
    if similarity != "authors":
        norm = np.array([[np.sqrt((a @ a) * (b @ b)) for b in y] for a in x])
        product = np.divide(product, norm, out=np.zeros_like(product), where=norm > 0)
    if similarity == "cosine":
        return product
    r_x = [np.mean(np.sort(row)[::-1][:k]) for row in product]
    r_y = [np.mean(np.sort(column)[::-1][:k]) for column in product.T]
    return 2 * product - np.array(r_x)[:, None] - np.array(r_y)


def read_off(scores):
    """Best candidate and rank of each query, a row of `scores`; lower rows win ties."""
    order = np.argsort(-scores, axis=1, kind="stable")
    own = np.arange(len(scores))
    return order[:, 0], (order == own[:, None]).argmax(axis=1)


def exact(source, english, k):
    """CSLS in int64 of the rounded vectors: no sum rounds, and ties are exact."""
    bits = (53 - (3 * k).bit_length()) // 2
    sides = []
    for side in (source.astype(np.float64), english.astype(np.float64)):
        norm = np.sqrt((side**2).sum(axis=1, keepdims=True))
        unit = np.divide(2.0**bits, norm, out=np.zeros_like(norm), where=norm > 0) * side
        sides.append(np.rint(unit).astype(np.int64))
    product = sides[0] @ sides[1].T
    r_x = np.sort(product, axis=1)[:, -k:].sum(axis=1)
    r_y = np.sort(product, axis=0)[-k:].sum(axis=0)
    return 2 * k * product - r_x[:, None] - r_y


def check(directions, scores):
    """Compare what was retrieved, to and from English, with `scores` [source, english]."""
    for retrieved, by_query in zip(directions, (scores, scores.T), strict=True):
        best_row, rank = read_off(by_query)
        assert retrieved.best_row.tolist() == best_row.tolist()
        assert retrieved.rank.tolist() == rank.tolist()
        for cutoff in (1, 5, 10):
            better = [
                np.sum(row > row[i]) + np.sum(row[:i] == row[i]) for i, row in enumerate(by_query)
            ]
            assert retrieved.accuracy(cutoff) == np.mean(np.array(better) < cutoff)
