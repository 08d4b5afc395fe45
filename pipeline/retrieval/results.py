"""Results of retrieval for each word pair: arrays, accuracies, and tables to save."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

DIRECTIONS = {"to_english": ("source", "english"), "from_english": ("english", "source")}
CUTOFFS = (1, 5, 10)
SENTENCE_SIMILARITIES = ("cosine", "margin")


@dataclass(frozen=True)
class Nearest:
    """The nearest rows of each query, a fixed number (`near`), best first."""

    rows: np.ndarray  # int64 [n, near]
    scores: np.ndarray  # float64 [n, near], the similarity
    occurrences: np.ndarray  # int64 [n], how many queries have this row of the other side near

    def head(self, queries: int) -> "Nearest":
        """The same for the first queries."""
        return Nearest(self.rows[:queries], self.scores[:queries], self.occurrences[:queries])


@dataclass(frozen=True)
class Retrieved:
    """What the queries of one direction retrieved; both arrays are int64 [n]."""

    best_row: np.ndarray  # of the other side, where special tokens come after the words
    rank: np.ndarray  # how many rows come before the query's own row
    nearest: Nearest | None = None  # None if they were not kept

    def head(self, queries: int) -> "Retrieved":
        """The same for the first queries; their best row may be a later one."""
        nearest = self.nearest and self.nearest.head(queries)
        return Retrieved(self.best_row[:queries], self.rank[:queries], nearest)

    def accuracy(self, cutoff: int = 1) -> float:
        """Share of the queries whose own row is among the first `cutoff`."""
        return float(np.mean(self.rank < cutoff))


def direction_accuracies(
    directions: tuple[Retrieved, Retrieved], cutoff: int = 1
) -> dict[str, float]:
    """Share of the queries whose own row is among the first `cutoff`.

    Keys are to_english, from_english and mean.
    """
    to_english, from_english = (retrieved.accuracy(cutoff) for retrieved in directions)
    mean = (to_english + from_english) / 2
    return {"to_english": to_english, "from_english": from_english, "mean": mean}


def accuracies_at_cutoffs(directions: tuple[Retrieved, Retrieved]) -> dict[str, float]:
    """The `direction_accuracies` @1, @5 and @10; keys are like mean@5."""
    return {
        f"{name}@{cutoff}": accuracy
        for cutoff in CUTOFFS
        for name, accuracy in direction_accuracies(directions, cutoff).items()
    }


def first_queries(
    results: Mapping[Any, tuple[Retrieved, Retrieved]], queries: int
) -> dict[Any, tuple[Retrieved, Retrieved]]:
    """The results of the first queries, which were compared with all rows; keys stay."""
    return {
        key: (to_english.head(queries), from_english.head(queries))
        for key, (to_english, from_english) in results.items()
    }


def outcomes(directions: tuple[Retrieved, Retrieved]) -> pd.DataFrame:
    """One row per word pair, in the order of the pairs.

    Columns of each direction: `_found` (number of the pair whose word was retrieved), `_rank`
    (number of words that come before the right one), and, if it was counted, `_near` (number of
    queries that have the pair's word of the target side among their nearest).
    """
    columns = {}
    for direction, retrieved in zip(DIRECTIONS, directions, strict=True):
        columns[f"{direction}_found"] = retrieved.best_row.astype(np.int32)
        columns[f"{direction}_rank"] = retrieved.rank.astype(np.int32)
        if retrieved.nearest:
            columns[f"{direction}_near"] = retrieved.nearest.occurrences.astype(np.int32)
    return pd.DataFrame(columns)


def neighbours(directions: tuple[Retrieved, Retrieved], count: int = 5) -> pd.DataFrame:
    """The nearest words of each query, best first, at most `count`; both directions must have them.

    One row per direction, query and neighbour. Columns: direction, pair (the query's number),
    found (as in `outcomes`) and score (the similarity, float32).
    """
    frames = []
    for direction, retrieved in zip(DIRECTIONS, directions, strict=True):
        assert retrieved.nearest
        rows = retrieved.nearest.rows[:, :count]
        scores = retrieved.nearest.scores[:, :count]
        frames.append(
            pd.DataFrame(
                {
                    "direction": direction,
                    "pair": np.repeat(np.arange(len(rows), dtype=np.int32), rows.shape[1]),
                    "found": rows.astype(np.int32).ravel(),
                    "score": scores.astype(np.float32).ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
