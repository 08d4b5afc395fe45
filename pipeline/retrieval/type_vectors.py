"""Word types with one vector each, as a baseline that shows what context adds to retrieval.

The vector of a type is the mean of its contextual vectors over the training pairs, as a lexicon
without context would have it. Types ignore case, as in analyses.word_groups.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from .csls import CPU
from .exact_tiles import blocks, grid_bits, unit_integers
from .results import Retrieved

ROWS_PER_PRODUCT = 1024  # rows that are compared with the whole other side at once


def compare_with_types(
    training: pd.DataFrame,
    vectors: tuple[np.ndarray, np.ndarray],
    test: pd.DataFrame,
    contextual: tuple[Retrieved, Retrieved],
    *,
    neighbours: int,
    device: torch.device = CPU,
) -> dict[str, Any]:
    """Accuracy of types and of words in context, on the test pairs whose types both have vectors.

    `training` and `test` have columns source_word and english_word; `vectors` are the source and
    English vectors [pairs, dimension] of `training`, `contextual` is what the test pairs retrieved
    by CSLS. Keys: pairs (n; the only key if it is 0), source_types and english_types (numbers of
    candidates), and for each direction:
    - types: the type of each word retrieves by CSLS among the distinct types of the other side in
      these pairs (ties: the first by code points), and must find the type of the aligned word;
    - contextual_types: the contextual vector must find any word of the right type;
    - contextual: it must find the aligned word. Both retrieve among all words of the test set.
    """
    source_words, english_words = _folded(test["source_word"]), _folded(test["english_word"])
    source_types = type_vectors(_folded(training["source_word"]), vectors[0])
    english_types = type_vectors(_folded(training["english_word"]), vectors[1])
    compared = source_types.contains(source_words) & english_types.contains(english_words)
    if not compared.any():
        return {"pairs": 0}
    source = source_types.of(source_words[compared])
    english = english_types.of(english_words[compared])
    to_english = _contextual_accuracies(contextual[0], english_words, compared)
    from_english = _contextual_accuracies(contextual[1], source_words, compared)
    return {
        "pairs": int(compared.sum()),
        "source_types": len(source.candidates),
        "english_types": len(english.candidates),
        "to_english": {"types": _type_accuracy(source, english, neighbours, device), **to_english},
        "from_english": {
            "types": _type_accuracy(english, source, neighbours, device),
            **from_english,
        },
    }


@dataclass(frozen=True)
class TypeVectors:
    """Distinct words, sorted by code points, and their vectors, float64 [words, dimension]."""

    words: pd.Index
    vectors: np.ndarray

    def contains(self, words: np.ndarray) -> np.ndarray:
        """Whether each word has a vector, bool [words]."""
        return np.asarray(pd.Index(words).isin(self.words))

    def of(self, words: np.ndarray) -> "TypedWords":
        """The types of `words`, all of which must have a vector."""
        rows, types = np.unique(self.words.get_indexer(pd.Index(words)), return_inverse=True)
        return TypedWords(self.vectors[rows], types)


@dataclass(frozen=True)
class TypedWords:
    """Words as rows of the vectors of their distinct types, which are sorted by code points."""

    candidates: np.ndarray  # float64 [types, dimension]
    types: np.ndarray  # int64 [words], the row of each word's type


def type_vectors(words: np.ndarray, vectors: np.ndarray) -> TypeVectors:
    """The distinct words, each with the mean of its vectors [n, dimension]."""
    rows, names = pd.factorize(words, sort=True)
    total = np.zeros((len(names), vectors.shape[1]))
    np.add.at(total, rows, vectors)
    counts = np.bincount(rows, minlength=len(names))
    return TypeVectors(pd.Index(names, dtype=object), total / counts[:, None])


@torch.inference_mode()
def nearest_types(
    queries: np.ndarray, candidates: np.ndarray, neighbours: int, device: torch.device = CPU
) -> np.ndarray:
    """The row of `candidates` [n, dimension] that each of `queries` [m, dimension] finds by CSLS.

    int64 [m]; ties go to the first row. r(y) is the mean cosine of a candidate to its `neighbours`
    nearest queries (all of them if there are fewer); r(x) is the same for all candidates and left
    out. Exact, see `exact_tiles`. Raises PipelineError for vectors that are not finite.
    """
    device = CPU if device.type == "mps" else device  # Metal has no float64
    k = min(neighbours, len(queries))
    bits = grid_bits(k)
    x, _ = unit_integers(queries, bits, device)
    y, _ = unit_integers(candidates, bits, device)
    y_blocks = blocks(len(y), ROWS_PER_PRODUCT)
    hubs = torch.cat([(y[rows] @ x.T).topk(k).values.sum(1) for rows in y_blocks])
    x_blocks = blocks(len(x), ROWS_PER_PRODUCT)
    best = torch.cat([(2 * k * x[rows] @ y.T - hubs).max(1).indices for rows in x_blocks])
    return np.asarray(best.cpu())


def _type_accuracy(
    queries: TypedWords, targets: TypedWords, neighbours: int, device: torch.device
) -> float:
    """Share of the queries whose type retrieves the type of the aligned word."""
    nearest = nearest_types(queries.candidates, targets.candidates, neighbours, device)
    return float(np.mean(nearest[queries.types] == targets.types))


def _contextual_accuracies(
    retrieved: Retrieved, target_words: np.ndarray, compared: np.ndarray
) -> dict[str, float]:
    """Shares of the compared pairs that find any word of the right type, and the aligned word."""
    return {
        "contextual_types": float(np.mean(_right_type(retrieved, target_words)[compared])),
        "contextual": float(np.mean(retrieved.rank[compared] == 0)),
    }


def _folded(words: pd.Series) -> np.ndarray:
    return words.map(str.casefold).to_numpy(object)


def _right_type(retrieved: Retrieved, words: np.ndarray) -> np.ndarray:
    """Whether each query retrieved a word of the type of its own row, bool [words]."""
    types = pd.factorize(words)[0]
    special = retrieved.best_row >= len(types)  # [CLS] and [SEP] come after the words
    right: np.ndarray = types[np.where(special, 0, retrieved.best_row)] == types
    return right & ~special
