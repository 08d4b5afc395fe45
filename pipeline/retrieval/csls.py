"""Contextual word retrieval by CSLS (Conneau et al., 2018; Cao et al., 2020, section 3.2).

Row i of both sides is one word pair. A query of one side looks for its own row among all rows of
the other side; ties go to the lower row.

The result does not depend on the block size, the device or the order in which BLAS adds, because
`exact_tiles` computes with integers. `authors` weights these cosines with the norms of the rows,
which rounds, but element by element and so everywhere alike.
"""

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..common.errors import PipelineError
from .best_candidates import Search
from .exact_tiles import Scratch, Tile, blocks, grid_bits, tiles, unit_integers
from .results import Retrieved

SIMILARITIES = ("csls", "cosine", "authors")
CPU = torch.device("cpu")
# Rows of each side in a tile.
CPU_TILE_ROWS = 1024  # 8 MB, which stays in the cache
ACCELERATOR_TILE_ROWS = 4096  # 128 MB: an accelerator is faster with larger tiles
KEPT_ROWS = 8192  # of sides whose tiles, 512 MB, are kept between the two passes


@torch.inference_mode()
def retrieve(
    source: np.ndarray,
    english: np.ndarray,
    neighbours: int,
    *,
    similarities: Sequence[str] = SIMILARITIES,
    near: int = 0,
    ranked: bool = True,
    device: torch.device = CPU,
    block: int | None = None,
) -> dict[str, tuple[Retrieved, Retrieved]]:
    """Retrieve English rows by source rows, and the reverse, by each similarity.

    Both sides are [n, dimension]. The similarities of rows x and y:

    - csls: 2 cos(x, y) - r(x) - r(y), where r is the mean cosine to the `neighbours` nearest rows
      of the other side;
    - cosine: cos(x, y), 0 for a vector of zeros;
    - authors: csls on plain products, with each side divided by the norm of its whole matrix, not
      each row by its own norm: one factor for all, which keeps the order of the products. The
      authors' script also divides each query by its own norm, which weakens the hub terms.

    The `near` best rows of each query are kept with their similarity and counted; 0 keeps none.
    Unless `ranked`, only accuracy @1 is right, see `Search`. `block` rows of each side are compared
    at once, which takes a few tiles of block x block float64 in addition to the vectors. Raises
    PipelineError if the sides have different shapes, at most `neighbours` rows, or vectors that are
    not finite.
    """
    _check(source, english, neighbours)
    device = CPU if device.type == "mps" else device  # Metal has no float64
    block = block or (CPU_TILE_ROWS if device.type == "cpu" else ACCELERATOR_TILE_ROWS)
    bits = grid_bits(neighbours)
    source_grid, source_norms = unit_integers(source, bits, device)
    english_grid, english_norms = unit_integers(english, bits, device)
    scratch = Scratch(min(block, len(source)), device)
    shared = (source_norms, english_norms), neighbours, scratch, near, ranked
    chosen = {name: _CLASSES[name](*shared) for name in similarities}
    factor = _search(source_grid, english_grid, chosen.values(), scratch)
    unit = factor * 4.0**bits
    return {name: similarity.result(unit) for name, similarity in chosen.items()}


def _search(
    source: Tensor,
    english: Tensor,
    similarities: "Collection[_Cosine]",
    scratch: Scratch,
) -> int:
    """Search all tiles; returns the factor by which `source` is scaled in place."""
    with_hubs = [similarity for similarity in similarities if isinstance(similarity, _Csls)]
    kept: list[Tile] | None = [] if len(source) <= KEPT_ROWS else None
    if with_hubs:
        for tile in tiles(source, english, scratch, "neighbours", kept):
            for csls in with_hubs:
                csls.add_neighbours(tile)
    # The mean over k neighbours would round, so both sides of the difference are scaled by 2k.
    factor = 2 * max((csls.neighbours for csls in with_hubs), default=1)
    source *= factor
    products = [
        (source[rows] * english[rows]).sum(1) for rows in blocks(len(source), scratch.block)
    ]
    own_products = torch.cat(products)
    for similarity in similarities:
        similarity.begin(own_products)
    scaled = (Tile(tile.source, tile.english, tile.products.mul_(factor)) for tile in kept or [])
    for tile in scaled if kept else tiles(source, english, scratch, "retrieval"):
        for similarity in similarities:
            similarity.search(tile)
    return factor


class _Cosine:
    """Retrieval in both directions by cosine; the other similarities override its parts.

    Tiles must arrive as `tiles` yields them: in ascending order of source and English rows.
    """

    def __init__(
        self,
        norms: tuple[Tensor, Tensor],
        neighbours: int,
        scratch: Scratch,
        near: int,
        ranked: bool,
    ) -> None:
        self.source_norms, self.english_norms = norms
        self.neighbours = neighbours
        self.scratch = scratch
        self.near, self.ranked = near, ranked

    def begin(self, own_products: Tensor) -> None:
        """Start the search; `own_products` [n] are those of the pairs' own rows."""
        own_scores = self.weighted(own_products)
        source_hubs, english_hubs = self.hubs()
        self.to_english, self.from_english = (
            Search(own_scores, hubs, self.near, ranked=self.ranked)
            for hubs in (english_hubs, source_hubs)
        )

    def search(self, tile: Tile) -> None:
        """Search a tile in both directions."""
        scores = self.weighted_tile(tile)
        self.to_english.update(self.scratch.copy(scores), tile.source, tile.english)
        self.from_english.update(self.scratch.copy(scores.T), tile.english, tile.source)

    def result(self, unit: float) -> tuple[Retrieved, Retrieved]:
        """To and from English, once all tiles have been searched.

        `unit` is the size of a product of two equal unit vectors in the search.
        """
        unit = self.unit(unit)
        # The queries of one direction are the candidates of the other.
        return (
            self.to_english.result(self.from_english.hubs, unit),
            self.from_english.result(self.to_english.hubs, unit),
        )

    def hubs(self) -> tuple[Tensor, Tensor]:
        """What is subtracted from the scores of each source and each English row, both [n]."""
        zeros = torch.zeros_like(self.source_norms)
        return zeros, zeros

    def weighted(self, own_products: Tensor) -> Tensor:
        """The scores of the pairs' own rows [n]."""
        return own_products

    def weighted_tile(self, tile: Tile) -> Tensor:
        """The scores of a tile [source, english]."""
        return tile.products

    def unit(self, product: float) -> float:
        """The size of a similarity of 1 where a product of equal unit vectors is `product`."""
        return product


class _Csls(_Cosine):
    """Retrieval by CSLS, which needs the nearest neighbours of all rows before the search."""

    def __init__(self, *shared: Any) -> None:
        super().__init__(*shared)
        shape = len(self.source_norms), self.neighbours
        self.source_nearest = self.source_norms.new_full(shape, -torch.inf)
        self.english_nearest = self.source_nearest.clone()

    def add_neighbours(self, tile: Tile) -> None:
        """Keep the scores of the nearest neighbours of the rows of a tile."""
        scores = self.weighted_tile(tile)
        transposed = self.scratch.copy(scores.T)  # the kernels are fast along rows only
        self._merge(self.source_nearest, tile.source, scores)
        self._merge(self.english_nearest, tile.english, transposed)

    def _merge(self, nearest: Tensor, rows: slice, scores: Tensor) -> None:
        largest = scores.topk(min(self.neighbours, scores.shape[1])).values
        merged = torch.cat([nearest[rows], largest], 1)
        nearest[rows] = merged.topk(self.neighbours).values

    def hubs(self) -> tuple[Tensor, Tensor]:
        """The sums over the nearest neighbours: k r, where scores are 2k cosines."""
        return self.source_nearest.sum(1), self.english_nearest.sum(1)

    def unit(self, product: float) -> float:
        """CSLS has 2 cos(x, y)."""
        return product / 2


class _AuthorsCsls(_Csls):
    """CSLS of plain products, as the authors' script has them; see `retrieve`."""

    def weighted(self, own_products: Tensor) -> Tensor:
        """Products of the vectors themselves, rounded in the same order as a tile's."""
        return own_products * self.source_norms * self.english_norms

    def weighted_tile(self, tile: Tile) -> Tensor:
        """Products of the vectors themselves."""
        weighted = self.scratch.take("weighted", *tile.products.shape)
        torch.mul(tile.products, self.source_norms[tile.source, None], out=weighted)
        return weighted.mul_(self.english_norms[tile.english])

    def unit(self, product: float) -> float:
        """Each side is divided by the norm of its whole matrix."""
        norms = (self.source_norms, self.english_norms)
        product *= math.prod(float(torch.linalg.vector_norm(norm)) for norm in norms)
        return super().unit(product)


_CLASSES = {"csls": _Csls, "cosine": _Cosine, "authors": _AuthorsCsls}


def _check(source: np.ndarray, english: np.ndarray, neighbours: int) -> None:
    if source.shape != english.shape:
        raise PipelineError(
            f"retrieval: vectors of shape {source.shape} and {english.shape} are not pairs: "
            "give one vector per side and pair, all from one encoder"
        )
    if len(source) <= neighbours:
        raise PipelineError(
            f"retrieval: {len(source)} word pairs are too few for {neighbours} neighbours: "
            "raise pairs.test or lower retrieval.neighbours"
        )
