"""Contextual word retrieval by CSLS (Conneau et al., 2018; Cao et al., 2020, section 3.2).

Row i of both sides is one word pair. A query of one side looks for its row among all rows of the
other; where scores are equal, the lower row wins.

The answer does not depend on the block, the device or the order in which BLAS adds, because
`retrieval.exact_tiles` computes with integers. `authors` weighs these cosines with the norms of
the rows and so rounds, but each element alone, and everywhere alike.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..common.errors import PipelineError
from .best_candidates import Search
from .exact_tiles import Scratch, blocks, grid_bits, tiles, unit_integers
from .results import Retrieved

SIMILARITIES = ("csls", "cosine", "authors")
CUTOFFS = (1, 5, 10)
CPU = torch.device("cpu")
BLOCK = 1024  # on a CPU, a tile of the similarity matrix (8 MB) stays in its cache
WIDE_BLOCK = 4096  # an accelerator wants larger ones (128 MB)


@torch.inference_mode()
def retrieve(
    source: np.ndarray,
    english: np.ndarray,
    neighbours: int,
    *,
    similarities: Sequence[str] = SIMILARITIES,
    near: int = 0,
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

    The `near` best rows of each query are kept with their similarity and counted, none with 0.

    `block` rows a side are compared at once, which bounds the memory beside the vectors: a few
    tiles of block x block float64. Raises PipelineError for vectors that it cannot rank.
    """
    _check(source, english, neighbours)
    device = CPU if device.type == "mps" else device  # Metal has no float64
    block = block or (BLOCK if device.type == "cpu" else WIDE_BLOCK)
    bits = grid_bits(neighbours)
    x, x_norms = unit_integers(source, bits, device)
    y, y_norms = unit_integers(english, bits, device)
    scratch = Scratch(min(block, len(x)), device)
    chosen = {}
    for name in similarities:
        hubs = 0 if name == "cosine" else neighbours
        chosen[name] = _Similarity(hubs, (x_norms, y_norms), name == "authors", scratch)
    factor = _compare(x, y, chosen, scratch, near)
    unit = factor * 4.0**bits
    return {name: similarity.result(unit) for name, similarity in chosen.items()}


def _compare(
    x: Tensor, y: Tensor, chosen: "dict[str, _Similarity]", scratch: Scratch, near: int
) -> int:
    # Returns how many times as large as a product the numbers were that were compared.
    with_hubs = [each for each in chosen.values() if each.neighbours]
    for rows, columns, products in tiles(x, y, scratch, "neighbours") if with_hubs else ():
        for similarity in with_hubs:
            similarity.gather(products, rows, columns)
    # The mean over k neighbours would round, so both sides of the difference are 2k times as large.
    factor = 2 * max((each.neighbours for each in with_hubs), default=1)
    x *= factor
    own = torch.cat([(x[rows] * y[rows]).sum(1) for rows in blocks(len(x), scratch.block)])
    for similarity in chosen.values():
        similarity.begin(own, near)
    for rows, columns, products in tiles(x, y, scratch, "retrieval"):
        for similarity in chosen.values():
            similarity.search(products, rows, columns)
    return factor


def by_similarity(
    results: Mapping[str, tuple[Retrieved, Retrieved]],
) -> dict[str, dict[str, float]]:
    """The accuracies of `retrieve` @1, @5 and @10, by similarity; keys are as in mean@5."""
    return {
        name: {f"{key}@{at}": v for at in CUTOFFS for key, v in accuracies(both, at).items()}
        for name, both in results.items()
    }


def accuracies(directions: tuple[Retrieved, Retrieved], cutoff: int = 1) -> dict[str, float]:
    """Share of the queries whose own row is among the first `cutoff`.

    Keys are to_english, from_english and mean.
    """
    values = [each.accuracy(cutoff) for each in directions]
    return dict(
        zip(("to_english", "from_english", "mean"), [*values, sum(values) / 2], strict=True)
    )


def first_rows(
    results: Mapping[Any, tuple[Retrieved, Retrieved]], rows: int
) -> dict[Any, tuple[Retrieved, Retrieved]]:
    """The results of the first `rows` queries, which were compared with all rows."""
    return {key: (there.head(rows), back.head(rows)) for key, (there, back) in results.items()}


class _Similarity:
    """What is known so far of both directions under one similarity.

    Tiles must come with their columns, and then their rows, in ascending order.
    """

    def __init__(
        self, neighbours: int, norms: tuple[Tensor, Tensor], weighs: bool, scratch: Scratch
    ) -> None:
        self.neighbours = neighbours
        self.norms = norms if weighs else None
        self.scratch = scratch
        nothing = norms[0].new_full((len(norms[0]), neighbours), -torch.inf)
        self.nearest = nothing, nothing.clone()
        self.searches: tuple[Search, ...] = ()

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

    def begin(self, own: Tensor, near: int) -> None:
        """Start the search, knowing the products [n] of the pairs' own rows; see Search."""
        if self.norms:
            own = own * self.norms[0] * self.norms[1]  # rounds as in _weigh
        hub_x, hub_y = (nearest.sum(1) for nearest in self.nearest)
        self.searches = Search(own, hub_y, near), Search(own, hub_x, near)

    def search(self, products: Tensor, rows: slice, columns: slice) -> None:
        """Let the rows of a tile search among its columns, and the reverse."""
        tile = self._weigh(products, rows, columns)
        to_english, from_english = self.searches
        to_english.update(self.scratch.copy(tile), rows, columns)
        from_english.update(self.scratch.copy(tile.T), columns, rows)

    def result(self, unit: float) -> tuple[Retrieved, Retrieved]:
        """Both directions, when all tiles have been searched.

        `unit` is what a cosine of 1 was in the comparison.
        """
        if self.norms:  # each side is divided by the norm of its matrix
            unit *= math.prod(float(torch.linalg.vector_norm(each)) for each in self.norms)
        unit /= 2 if self.neighbours else 1  # CSLS has 2 cos
        to_english, from_english = self.searches
        hubs = to_english.hubs, from_english.hubs  # of the candidates: the other one's queries
        return to_english.result(hubs[1], unit), from_english.result(hubs[0], unit)

    def _weigh(self, products: Tensor, rows: slice, columns: slice) -> Tensor:
        if not self.norms:
            return products
        weighed = self.scratch.take("weighed", *products.shape)
        torch.mul(products, self.norms[0][rows, None], out=weighed)
        return weighed.mul_(self.norms[1][columns])


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
