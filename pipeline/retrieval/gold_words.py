"""Retrieval of words that people linked: few queries, but all of them right."""

import numpy as np
import pandas as pd
import torch

from .csls import CPU
from .exact_tiles import blocks, grid_bits, unit_integers
from .results import DIRECTIONS
from .sentences import neighbour_sums, ranks_of_own
from .vectors import Sides

ROWS_PER_PRODUCT = 1024


@torch.inference_mode()
def gold_ranks(
    gold: Sides, test: Sides, neighbours: int, device: torch.device = CPU
) -> pd.DataFrame:
    """How many words come before the translation of each gold word, by CSLS.

    Both are source and English vectors, [n, dimension] each, whose row i is a pair. The candidates
    are the words of the test set, then those of `gold`; ties go to the first one. r of a candidate
    is its mean cosine to the `neighbours` nearest words of the *test set* on the other side, so a
    gold set does not change what the test set retrieves; r of a query is the same for all its
    candidates and left out. Columns: to_english_rank and from_english_rank, int32 [n]. Exact, see
    `exact_tiles`. Raises PipelineError for vectors that are not finite.
    """
    device = CPU if device.type == "mps" else device  # Metal has no float64
    bits = grid_bits(neighbours)
    queries, references = (
        [unit_integers(side, bits, device)[0] for side in sides] for sides in (gold, test)
    )
    columns = {}
    for direction, order in zip(DIRECTIONS, (1, -1), strict=True):
        (x, own), (near, others) = queries[::order], references[::order]
        candidates = torch.cat([others, own])
        hubs = neighbour_sums(candidates, near, neighbours)
        ranks = [
            ranks_of_own(2 * neighbours * x[rows] @ candidates.T - hubs, len(others) + rows.start)
            for rows in blocks(len(x), ROWS_PER_PRODUCT)
        ]
        found = torch.cat(ranks) if ranks else torch.empty(0)
        columns[f"{direction}_rank"] = found.cpu().numpy().astype(np.int32)
    return pd.DataFrame(columns)
