"""The similarity matrix of two sides in tiles of exact integers, which bounds its memory.

Unit vectors are rounded to integers small enough that all products, their sums and the CSLS scores
are integers below 2^53, which float64 represents exactly. No block size, device or order of
summation can change them. With 10 neighbours 24 bits remain, as many as float32 has, and a cosine
moves by about 3e-8.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..common.errors import PipelineError
from ..common.progress import progress


class Tile(NamedTuple):
    """Products of some source rows with some English rows, float64 [source, english]."""

    source: slice
    english: slice
    products: Tensor


class Scratch:
    """Memory for tiles, allocated once: allocating each tile would take as long as its matmul."""

    def __init__(self, block: int, device: torch.device) -> None:
        self.block = block
        buffers = torch.empty(3, block**2, dtype=torch.float64, device=device)
        names = ("products", "weighted", "copy")
        self.buffers = dict(zip(names, buffers.unbind(), strict=True))

    def take(self, name: str, rows: int, columns: int) -> Tensor:
        """The buffer products, weighted or copy, in the shape of a tile."""
        return self.buffers[name][: rows * columns].view(rows, columns)

    def copy(self, tile: Tensor) -> Tensor:
        """A contiguous copy of a tile, which may be overwritten."""
        return self.take("copy", *tile.shape).copy_(tile)


def blocks(rows: int, block: int) -> list[slice]:
    """Slices of `block` rows that cover all."""
    return [slice(start, min(start + block, rows)) for start in range(0, rows, block)]


def tiles(
    source: Tensor, english: Tensor, scratch: Scratch, name: str, kept: list[Tile] | None = None
) -> Iterator[Tile]:
    """Tiles of the products of two sides [n, dimension], one row of tiles after another.

    `name` labels the progress bar. A tile's products are valid until the next tile is taken, unless
    there is a list `kept`, to which each tile is added.
    """
    parts = blocks(len(source), scratch.block)
    for rows in progress(parts, name):
        for columns in parts:
            queries, candidates = source[rows], english[columns]
            if kept is None:
                products = scratch.take("products", len(queries), len(candidates))
                torch.mm(queries, candidates.T, out=products)
            else:
                products = queries @ candidates.T
            tile = Tile(rows, columns, products)
            if kept is not None:
                kept.append(tile)
            yield tile


def grid_bits(neighbours: int) -> int:
    """Bits of `unit_integers` that keep 2k x·y minus the sum of k products below 2^53."""
    return (53 - (3 * neighbours).bit_length()) // 2


def unit_integers(vectors: np.ndarray, bits: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Unit vectors rounded to multiples of 2^-bits, and the norms of `vectors` [n, dimension].

    The unit vectors are integers in float64 [n, dimension], 2^bits times their value; a vector of
    zeros stays zero. The norms are float64 [n]. Raises PipelineError if a vector is not finite.
    """
    grid = torch.from_numpy(vectors).to(device, torch.float64, copy=True)
    norms = torch.linalg.vector_norm(grid, dim=1)
    if not norms.isfinite().all():
        raise PipelineError(
            "retrieval: the encoder's vectors are not finite: align the encoder again"
        )
    grid *= torch.where(norms > 0, 2.0**bits / norms, 0.0)[:, None]
    return grid.round_(), norms
