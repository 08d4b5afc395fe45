"""What each query finds among candidates that come in tiles.

The candidates of a query must come in ascending order; where scores are equal, the first one wins.
"""

import torch
from torch import Tensor

from .results import Near, Retrieved


class Search:
    """The best candidate of each query so far, and how many come before its own row.

    `own` [n] are the scores of the own rows, `hubs` [n] what is taken off each candidate's. `near`
    best candidates of each query are kept, none with 0.
    """

    def __init__(self, own: Tensor, hubs: Tensor, near: int = 0) -> None:
        # r of the query is left out: it is the same for all its candidates.
        self.hubs = hubs
        self.own = own - hubs
        self.best = torch.full_like(own, -torch.inf)
        self.found = torch.zeros_like(own, dtype=torch.int64)
        self.rank = torch.zeros_like(self.found)
        near = min(near, len(own))
        self.near_scores = own.new_full((len(own), near), -torch.inf)
        self.near_rows = self.found.new_zeros((len(own), near))

    def update(self, scores: Tensor, queries: slice, candidates: slice) -> None:
        """Search a tile, queries by candidates, which is overwritten."""
        scores -= self.hubs[candidates]
        best, found = scores.max(1)  # the first of equal ones
        better = best > self.best[queries]
        self.best[queries] = torch.where(better, best, self.best[queries])
        self.found[queries] = torch.where(better, found + candidates.start, self.found[queries])
        own = self.own[queries, None]
        before = scores > own
        if candidates.start < queries.stop:  # lower rows win ties
            before |= (scores == own).tril(queries.start - candidates.start - 1)
        self.rank[queries] += before.sum(1, dtype=torch.int32)
        if self.near_rows.shape[1]:
            self._gather(scores, queries, candidates)

    def result(self, queries: Tensor, unit: float) -> Retrieved:
        """What was found, when all tiles have been searched.

        `queries` [n] is what scores leave out of each query's, `unit` what they are measured in.
        """
        near = None
        if self.near_rows.shape[1]:
            counts = torch.bincount(self.near_rows.flatten(), minlength=len(self.own))
            scores = (self.near_scores - queries[:, None]) / unit
            near = Near(*(each.cpu().numpy() for each in (self.near_rows, scores, counts)))
        return Retrieved(self.found.cpu().numpy(), self.rank.cpu().numpy(), near)

    def _gather(self, scores: Tensor, queries: slice, candidates: slice) -> None:
        near = self.near_rows.shape[1]
        few, at = first_largest(scores, min(near, scores.shape[1]))
        merged = torch.cat([self.near_scores[queries], few], 1)
        rows = torch.cat([self.near_rows[queries], at + candidates.start], 1)
        merged, order = merged.sort(dim=1, descending=True, stable=True)
        self.near_scores[queries] = merged[:, :near]
        self.near_rows[queries] = rows.gather(1, order)[:, :near]


def first_largest(scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest scores of each row and their columns, both in the order of the columns.

    Of equal ones the first are taken, whereas `topk` takes any.
    """
    values, columns = scores.topk(count)
    tied = (scores >= values[:, -1:]).sum(1, dtype=torch.int32) > count
    if tied.any():  # a full sort is slow, and almost no row has ties
        ordered = scores[tied].sort(dim=1, descending=True, stable=True)
        values[tied], columns[tied] = ordered.values[:, :count], ordered.indices[:, :count]
    columns, order = columns.sort(dim=1)
    return values.gather(1, order), columns
