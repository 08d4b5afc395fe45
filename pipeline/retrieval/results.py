"""What retrieval found for each word pair: as a table to keep, and as one for people to read."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

DIRECTIONS = {"to_english": ("source", "english"), "from_english": ("english", "source")}


@dataclass(frozen=True)
class Near:
    """The nearest rows of each query, best first, of which there are a fixed number, `near`."""

    rows: np.ndarray  # int64 [n, near]
    scores: np.ndarray  # float64 [n, near], the similarity itself
    occurrences: np.ndarray  # int64 [n], of a row of the other side: queries that have it near

    def head(self, rows: int) -> "Near":
        """Those of the first queries."""
        return Near(self.rows[:rows], self.scores[:rows], self.occurrences[:rows])


@dataclass(frozen=True)
class Retrieved:
    """What the queries of one direction found; both arrays are int64 [n]."""

    found: np.ndarray  # the best row of the other side; behind the words come special tokens
    rank: np.ndarray  # how many rows come before the own one
    near: Near | None = None  # if they were kept

    def head(self, rows: int) -> "Retrieved":
        """The first queries; what they found may be a later row."""
        near = self.near and self.near.head(rows)
        return Retrieved(self.found[:rows], self.rank[:rows], near)

    def accuracy(self, cutoff: int = 1) -> float:
        """Share of the queries whose own row is among the first `cutoff`."""
        return float(np.mean(self.rank < cutoff))


def outcomes(directions: tuple[Retrieved, Retrieved]) -> pd.DataFrame:
    """One row a word pair, in the order of the pairs.

    Columns by direction: `_found` (number of the pair whose word was retrieved), `_rank` (words
    that come before the right one), and `_near`: how many queries have the pair's word of the
    target side among their nearest ones, if that was counted.
    """
    columns = {}
    for direction, retrieved in zip(DIRECTIONS, directions, strict=True):
        columns[f"{direction}_found"] = retrieved.found.astype(np.int32)
        columns[f"{direction}_rank"] = retrieved.rank.astype(np.int32)
        if retrieved.near:
            columns[f"{direction}_near"] = retrieved.near.occurrences.astype(np.int32)
    return pd.DataFrame(columns)


def neighbours(directions: tuple[Retrieved, Retrieved], count: int = 5) -> pd.DataFrame:
    """The nearest words of each query, best first, `count` at most, which were kept in both.

    One row a direction, query and neighbour: direction, pair (number of the query's), found (as in
    `outcomes`) and score (the similarity, float32).
    """
    frames = []
    for direction, retrieved in zip(DIRECTIONS, directions, strict=True):
        assert retrieved.near
        rows, scores = retrieved.near.rows[:, :count], retrieved.near.scores[:, :count]
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
