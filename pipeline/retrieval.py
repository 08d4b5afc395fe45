"""Contextual word retrieval by CSLS (Conneau et al., 2018; Cao et al., 2020, section 3.2).

Row i of both sides is one word pair. A query of one side looks for its row among all rows of the
other; where scores are equal, the lower row wins.

The answer does not depend on the block, the device or the order in which BLAS adds: the unit
vectors are rounded to integers so small that all products, their sums and the CSLS scores are
integers below 2^53, which float64 holds exactly. With 10 neighbours that leaves 24 bits, as many as
float32 has, and moves a cosine by about 3e-8. `authors` weighs these cosines with the norms of the
rows and so rounds, but each element alone, and everywhere alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import PipelineError
from pipeline.progress import progress

SIMILARITIES = ("csls", "cosine", "authors")
CUTOFFS = (1, 5, 10)
CPU = torch.device("cpu")
BLOCK = 1024  # on a CPU, a tile of the similarity matrix (8 MB) stays in its cache
WIDE_BLOCK = 4096  # an accelerator wants larger ones (128 MB)


@dataclass(frozen=True)
class Retrieved:
    """What the queries of one direction found; both arrays are int64 [n]."""

    found: np.ndarray  # the best row of the other side
    rank: np.ndarray  # how many rows come before the own one

    def accuracy(self, cutoff: int = 1) -> float:
        """Share of the queries whose own row is among the first `cutoff`."""
        return float(np.mean(self.rank < cutoff))


@torch.inference_mode()
def retrieve(
    source: np.ndarray,
    english: np.ndarray,
    neighbours: int,
    *,
    similarities: Sequence[str] = SIMILARITIES,
    device: torch.device = CPU,
    block: int | None = None,
) -> dict[str, tuple[Retrieved, Retrieved]]:
    """What `source` finds in `english`, and the reverse, by each similarity.

    Both sides are [n, dimension]. The similarities of rows x and y:

    - csls: 2 cos(x, y) - r(x) - r(y), r the mean cosine to the `neighbours` nearest rows of the
      other side;
    - cosine: cos(x, y), 0 for a vector of zeros;
    - authors: csls with each side divided by the norm of its whole matrix, not each row by its
      own: one factor for all, which leaves the order of the plain products as it is. The authors'
      script does that, and also divides each query by its own norm, which shrinks the hubs' part.

    `block` rows a side are compared at once, which bounds the memory beside the vectors: a few
    tiles of block x block float64. Raises PipelineError for vectors that it cannot rank.
    """
    _check(source, english, neighbours)
    device = CPU if device.type == "mps" else device  # Metal has no float64
    block = block or (BLOCK if device.type == "cpu" else WIDE_BLOCK)
    bits = (53 - (3 * neighbours).bit_length()) // 2
    x, x_norms = _integers(source, bits, device)
    y, y_norms = _integers(english, bits, device)
    scratch = _Scratch(min(block, len(x)), device)
    chosen = {}
    for name in similarities:
        hubs = 0 if name == "cosine" else neighbours
        chosen[name] = _Similarity(hubs, (x_norms, y_norms), name == "authors", scratch)
    _compare(x, y, chosen, scratch)
    return {name: similarity.result() for name, similarity in chosen.items()}


def _compare(x: Tensor, y: Tensor, chosen: "dict[str, _Similarity]", scratch: "_Scratch") -> None:
    with_hubs = [each for each in chosen.values() if each.neighbours]
    for rows, columns, products in _tiles(x, y, scratch, "neighbours") if with_hubs else ():
        for similarity in with_hubs:
            similarity.gather(products, rows, columns)
    # The mean over k neighbours would round, so both sides of the difference are 2k times as large.
    x *= 2 * max((each.neighbours for each in with_hubs), default=1)
    own = torch.cat([(x[rows] * y[rows]).sum(1) for rows in _blocks(len(x), scratch.block)])
    for similarity in chosen.values():
        similarity.begin(own)
    for rows, columns, products in _tiles(x, y, scratch, "retrieval"):
        for similarity in chosen.values():
            similarity.search(products, rows, columns)


def figures(results: Mapping[str, tuple[Retrieved, Retrieved]]) -> dict[str, Any]:
    """The accuracies of `retrieve`: of csls @1 at the top, all others under their similarity.

    Keys are to_english, from_english and mean, with @1, @5 or @10 below the top; `words` is n.
    """
    tables = {
        name: {f"{key}@{at}": v for at in CUTOFFS for key, v in _accuracies(both, at).items()}
        for name, both in results.items()
    }
    csls = results["csls"]
    return {**_accuracies(csls, 1), "words": len(csls[0].rank), **tables}


def _accuracies(directions: tuple[Retrieved, Retrieved], cutoff: int) -> dict[str, float]:
    values = [each.accuracy(cutoff) for each in directions]
    return dict(
        zip(("to_english", "from_english", "mean"), [*values, sum(values) / 2], strict=True)
    )


class _Similarity:
    """What is known so far of both directions under one similarity.

    Tiles must come with their columns, and then their rows, in ascending order.
    """

    def __init__(
        self, neighbours: int, norms: tuple[Tensor, Tensor], weighs: bool, scratch: "_Scratch"
    ) -> None:
        self.neighbours = neighbours
        self.norms = norms if weighs else None
        self.scratch = scratch
        nothing = norms[0].new_full((len(norms[0]), neighbours), -torch.inf)
        self.nearest = nothing, nothing.clone()
        self.searches: tuple[_Search, ...] = ()

    def gather(self, products: Tensor, rows: slice, columns: slice) -> None:
        """Keep the nearest neighbours of each row and of each column of a tile."""
        tile = self._weigh(products, rows, columns)
        turned = self.scratch.copy(tile.T)  # the kernels are fast along rows only
        for nearest, queries, values in zip(
            self.nearest, (rows, columns), (tile, turned), strict=True
        ):
            few = values.topk(min(self.neighbours, values.shape[1])).values
            merged = torch.cat([nearest[queries], few], 1)
            nearest[queries] = merged.topk(self.neighbours).values

    def begin(self, own: Tensor) -> None:
        """Start the search, knowing the products [n] of the pairs' own rows."""
        if self.norms:
            own = own * self.norms[0] * self.norms[1]  # rounds as in _weigh
        hub_x, hub_y = (nearest.sum(1) for nearest in self.nearest)
        self.searches = _Search(own, hub_y), _Search(own, hub_x)

    def search(self, products: Tensor, rows: slice, columns: slice) -> None:
        """Let the rows of a tile search among its columns, and the reverse."""
        tile = self._weigh(products, rows, columns)
        to_english, from_english = self.searches
        to_english.update(self.scratch.copy(tile), rows, columns)
        from_english.update(self.scratch.copy(tile.T), columns, rows)

    def result(self) -> tuple[Retrieved, Retrieved]:
        """Both directions, when all tiles have been searched."""
        to_english, from_english = (each.result() for each in self.searches)
        return to_english, from_english

    def _weigh(self, products: Tensor, rows: slice, columns: slice) -> Tensor:
        if not self.norms:
            return products
        weighed = self.scratch.take("weighed", *products.shape)
        torch.mul(products, self.norms[0][rows, None], out=weighed)
        return weighed.mul_(self.norms[1][columns])


class _Scratch:
    """Room for tiles, taken once: new memory for each would cost as much time as the matmul."""

    def __init__(self, block: int, device: torch.device) -> None:
        self.block = block
        room = torch.empty(3, block**2, dtype=torch.float64, device=device)
        self.rooms = dict(zip(("products", "weighed", "copy"), room.unbind(), strict=True))

    def take(self, name: str, rows: int, columns: int) -> Tensor:
        return self.rooms[name][: rows * columns].view(rows, columns)

    def copy(self, tile: Tensor) -> Tensor:
        return self.take("copy", *tile.shape).copy_(tile)


class _Search:
    """The best candidate of each query so far, and how many come before its own row."""

    def __init__(self, own: Tensor, hubs: Tensor) -> None:
        # r of the query is left out: it is the same for all its candidates.
        self.hubs = hubs
        self.own = own - hubs
        self.best = torch.full_like(own, -torch.inf)
        self.found = torch.zeros_like(own, dtype=torch.int64)
        self.rank = torch.zeros_like(self.found)

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

    def result(self) -> Retrieved:
        """What was found, when all tiles have been searched."""
        return Retrieved(self.found.cpu().numpy(), self.rank.cpu().numpy())


def _check(source: np.ndarray, english: np.ndarray, neighbours: int) -> None:
    if source.shape != english.shape:
        raise PipelineError(
            f"retrieval: vectors of shape {source.shape} and {english.shape} are no pairs: "
            "give one of each side a pair, from one encoder"
        )
    if len(source) <= neighbours:
        raise PipelineError(
            f"retrieval: {len(source)} word pairs are too few for {neighbours} neighbours: "
            "raise pairs.test or lower retrieval.neighbours"
        )


def _integers(vectors: np.ndarray, bits: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Unit vectors in units of 2^-bits, rounded, as float64, and the norms before."""
    grid = torch.from_numpy(vectors).to(device, torch.float64, copy=True)
    norms = torch.linalg.vector_norm(grid, dim=1)
    if not norms.isfinite().all():
        raise PipelineError("retrieval: vectors are not finite: the encoder is broken, align again")
    grid *= torch.where(norms > 0, 2.0**bits / norms, 0.0)[:, None]
    return grid.round_(), norms


def _blocks(rows: int, block: int) -> list[slice]:
    return [slice(start, min(start + block, rows)) for start in range(0, rows, block)]


def _tiles(
    x: Tensor, y: Tensor, scratch: _Scratch, name: str
) -> Iterator[tuple[slice, slice, Tensor]]:
    blocks = _blocks(len(x), scratch.block)
    for rows in progress(blocks, name):
        for columns in blocks:
            queries, candidates = x[rows], y[columns]
            products = scratch.take("products", len(queries), len(candidates))
            yield rows, columns, torch.mm(queries, candidates.T, out=products)
