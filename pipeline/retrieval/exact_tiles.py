"""The similarity matrix of two sides in tiles of exact integers, which bounds its memory.

The unit vectors are rounded to integers so small that all products, their sums and the CSLS scores
are integers below 2^53, which float64 holds exactly: no block, device or order of adding changes
them. With 10 neighbours that leaves 24 bits, as many as float32 has, and moves a cosine by about
3e-8.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ..common.errors import PipelineError
from ..common.progress import progress


class Scratch:
    """Room for tiles, taken once: new memory for each would cost as much time as the matmul."""

    def __init__(self, block: int, device: torch.device) -> None:
        self.block = block
        room = torch.empty(3, block**2, dtype=torch.float64, device=device)
        self.rooms = dict(zip(("products", "weighed", "copy"), room.unbind(), strict=True))

    def take(self, name: str, rows: int, columns: int) -> Tensor:
        """One of the rooms products, weighed and copy, in the shape of a tile."""
        return self.rooms[name][: rows * columns].view(rows, columns)

    def copy(self, tile: Tensor) -> Tensor:
        """A tile that may be overwritten."""
        return self.take("copy", *tile.shape).copy_(tile)


def blocks(rows: int, block: int) -> list[slice]:
    """Slices of `block` rows that cover all."""
    return [slice(start, min(start + block, rows)) for start in range(0, rows, block)]


def tiles(
    x: Tensor, y: Tensor, scratch: Scratch, name: str
) -> Iterator[tuple[slice, slice, Tensor]]:
    """Rows, columns and products of each tile, row after row of tiles; `name` is of the progress.

    A tile is in the room `products`, until the next one.
    """
    parts = blocks(len(x), scratch.block)
    for rows in progress(parts, name):
        for columns in parts:
            queries, candidates = x[rows], y[columns]
            products = scratch.take("products", len(queries), len(candidates))
            yield rows, columns, torch.mm(queries, candidates.T, out=products)


def grid_bits(neighbours: int) -> int:
    """Bits of `unit_integers` with which 2k x·y less the sum of k products is below 2^53."""
    return (53 - (3 * neighbours).bit_length()) // 2


def unit_integers(vectors: np.ndarray, bits: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Unit vectors in units of 2^-bits, rounded, as float64, and the norms before."""
    grid = torch.from_numpy(vectors).to(device, torch.float64, copy=True)
    norms = torch.linalg.vector_norm(grid, dim=1)
    if not norms.isfinite().all():
        raise PipelineError("retrieval: vectors are not finite: the encoder is broken, align again")
    grid *= torch.where(norms > 0, 2.0**bits / norms, 0.0)[:, None]
    return grid.round_(), norms
