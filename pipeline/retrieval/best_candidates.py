"""The best candidates of each query, from scores that arrive in tiles.

The candidates of a query must arrive in ascending order; ties go to the first one.
"""

import torch
from torch import Tensor

from .results import Nearest, Retrieved


class Search:
    """The best candidate of each query so far, and how many come before the query's own row."""

    def __init__(
        self, own_scores: Tensor, hubs: Tensor, near: int = 0, *, ranked: bool = True
    ) -> None:
        """A search of n queries among n candidates; query i and candidate i are a pair.

        `own_scores` [n] are the scores of the pairs, `hubs` [n] is subtracted from the scores of
        each candidate. The `near` best candidates of each query are kept; 0 keeps none. Unless
        `ranked`, candidates are not counted, which is faster: the rank of a pair is 0 or 1.
        """
        self.ranked = ranked
        # CSLS also subtracts r of the query, which is the same for all its candidates.
        self.hubs = hubs
        self.own_scores = own_scores - hubs
        self.best_scores = torch.full_like(own_scores, -torch.inf)
        self.best_rows = torch.zeros_like(own_scores, dtype=torch.int64)
        self.rank = torch.zeros_like(self.best_rows)
        near = min(near, len(own_scores))
        self.near_scores = own_scores.new_full((len(own_scores), near), -torch.inf)
        self.near_rows = self.best_rows.new_zeros((len(own_scores), near))

    def update(self, scores: Tensor, queries: slice, candidates: slice) -> None:
        """Search the tile `scores` [queries, candidates], which is overwritten."""
        scores -= self.hubs[candidates]
        best, columns = scores.max(1)  # ties: the first
        better = best > self.best_scores[queries]
        self.best_scores[queries] = torch.where(better, best, self.best_scores[queries])
        rows = torch.where(better, columns + candidates.start, self.best_rows[queries])
        self.best_rows[queries] = rows
        if self.ranked:
            self._count_before(scores, queries, candidates)
        if self.near_rows.shape[1]:
            self._keep_nearest(scores, queries, candidates)

    def _count_before(self, scores: Tensor, queries: slice, candidates: slice) -> None:
        own_scores = self.own_scores[queries, None]
        before = scores > own_scores
        if candidates.start < queries.stop:  # lower rows win ties
            before |= (scores == own_scores).tril(queries.start - candidates.start - 1)
        self.rank[queries] += before.sum(1, dtype=torch.int32)

    def result(self, query_hubs: Tensor, unit: float) -> Retrieved:
        """The result, once all tiles have been searched.

        `query_hubs` [n] is what the scores of each query leave out; `unit` is what a similarity
        of 1 is in the scores.
        """
        nearest = None
        if self.near_rows.shape[1]:
            counts = torch.bincount(self.near_rows.flatten(), minlength=len(self.own_scores))
            scores = (self.near_scores - query_hubs[:, None]) / unit
            nearest = Nearest(
                self.near_rows.cpu().numpy(), scores.cpu().numpy(), counts.cpu().numpy()
            )
        own_rows = torch.arange(len(self.best_rows), device=self.best_rows.device)
        rank = self.rank if self.ranked else (self.best_rows != own_rows).long()
        return Retrieved(self.best_rows.cpu().numpy(), rank.cpu().numpy(), nearest)

    def _keep_nearest(self, scores: Tensor, queries: slice, candidates: slice) -> None:
        near = self.near_rows.shape[1]
        largest, columns = first_largest(scores, min(near, scores.shape[1]))
        merged = torch.cat([self.near_scores[queries], largest], 1)
        rows = torch.cat([self.near_rows[queries], columns + candidates.start], 1)
        merged, order = merged.sort(dim=1, descending=True, stable=True)
        self.near_scores[queries] = merged[:, :near]
        self.near_rows[queries] = rows.gather(1, order)[:, :near]


def first_largest(scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest scores of each row and their columns, both in the order of the columns.

    Ties go to the first columns, whereas `topk` takes any.
    """
    values, columns = scores.topk(count)
    tied = (scores >= values[:, -1:]).sum(1, dtype=torch.int32) > count
    if tied.any():  # a full sort is slow, and almost no row has ties
        ordered = scores[tied].sort(dim=1, descending=True, stable=True)
        values[tied], columns[tied] = ordered.values[:, :count], ordered.indices[:, :count]
    columns, order = columns.sort(dim=1)
    return values.gather(1, order), columns
