"""Word types with one vector each, as a baseline: what context adds to retrieval.

The vector of a type is the mean of its contextual vectors over the training pairs that it is in, as
a lexicon without context would have it. Words are one type whatever their case, as in
analyses.word_groups.
"""

from typing import Any

import numpy as np
import pandas as pd
import torch

from .csls import CPU
from .exact_tiles import blocks, grid_bits, unit_integers
from .results import DIRECTIONS, Retrieved

BLOCK = 1024  # queries that are compared with all candidates at once


def compare(
    training: pd.DataFrame,
    vectors: tuple[np.ndarray, np.ndarray],
    test: pd.DataFrame,
    contextual: tuple[Retrieved, Retrieved],
    *,
    neighbours: int,
    device: torch.device = CPU,
) -> dict[str, Any]:
    """Accuracy of types and of words in context, on the test pairs whose types both have vectors.

    `training` and `test` are tables of pairs with source_word and english_word, `vectors` the
    source and English ones [pairs, dimension] of `training`, `contextual` what the test pairs found
    by CSLS in both directions. Keys: pairs (n; alone if it is 0), source_types and english_types
    (candidates), and by direction:
    - types: each word's type looks, by CSLS, among the distinct types of the other side in these
      pairs, of equal ones the first by code points wins; right is that of the aligned word;
    - contextual_types: the contextual vectors look, and any word of the right type is right;
    - contextual: only the aligned word itself is. Both look among all words of the test set.
    """
    known = {
        side: type_vectors(_folded(training[f"{side}_word"]), each)
        for side, each in zip(("source", "english"), vectors, strict=True)
    }
    words = {side: pd.Index(_folded(test[f"{side}_word"])) for side in known}
    both = np.logical_and(*(words[side].isin(names) for side, (names, _) in known.items()))
    if not both.any():
        return {"pairs": 0}
    types = {side: _types(words[side][both], *known[side]) for side in known}
    candidates = {f"{side}_types": len(means) for side, (means, _) in types.items()}
    figures: dict[str, Any] = {"pairs": int(both.sum()), **candidates}
    for (direction, (query, target)), retrieved in zip(DIRECTIONS.items(), contextual, strict=True):
        (x, own), (y, other) = types[query], types[target]
        right = {
            "types": nearest_types(x, y, neighbours, device)[own] == other,
            "contextual_types": _right_type(retrieved, words[target])[both],
            "contextual": retrieved.rank[both] == 0,
        }
        figures[direction] = {kind: float(np.mean(each)) for kind, each in right.items()}
    return figures


def _types(words: pd.Index, names: pd.Index, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The means of the distinct words, in the order of names, and the number of each word's."""
    rows, at = np.unique(names.get_indexer(words), return_inverse=True)
    return means[rows], at


def type_vectors(words: np.ndarray, vectors: np.ndarray) -> tuple[pd.Index, np.ndarray]:
    """The distinct words in their order, and the mean of the vectors [n, dimension] of each."""
    rows, names = pd.factorize(words, sort=True)
    total = np.zeros((len(names), vectors.shape[1]))
    np.add.at(total, rows, vectors)
    counts = np.bincount(rows, minlength=len(names))
    return pd.Index(names, dtype=object), total / counts[:, None]


@torch.inference_mode()
def nearest_types(
    queries: np.ndarray, candidates: np.ndarray, neighbours: int, device: torch.device = CPU
) -> np.ndarray:
    """The row of `candidates` [n, dimension] that each of `queries` [m, dimension] finds by CSLS.

    int64 [m]; where scores are equal, the first row wins. r(y) is the mean cosine of a candidate to
    the nearest queries, `neighbours` of them or all; r(x) moves no candidate before another. Exact,
    as retrieval.exact_tiles has it; raises PipelineError for vectors that are not finite.
    """
    device = CPU if device.type == "mps" else device  # Metal has no float64
    k = min(neighbours, len(queries))
    x, y = (unit_integers(each, grid_bits(k), device)[0] for each in (queries, candidates))
    near = [(y[rows] @ x.T).topk(k).values.sum(1) for rows in blocks(len(y), BLOCK)]
    hubs = torch.cat(near)
    found = [(2 * k * x[rows] @ y.T - hubs).max(1).indices for rows in blocks(len(x), BLOCK)]
    return np.asarray(torch.cat(found).cpu())


def _folded(words: pd.Series) -> np.ndarray:
    return words.map(str.casefold).to_numpy(object)


def _right_type(retrieved: Retrieved, words: pd.Index) -> np.ndarray:
    types = pd.factorize(words)[0]
    special = retrieved.found >= len(types)  # [CLS] and [SEP] stand behind the words
    right: np.ndarray = types[np.where(special, 0, retrieved.found)] == types
    return right & ~special
