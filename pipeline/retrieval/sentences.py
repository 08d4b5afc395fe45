"""Retrieval of whole sentences by the mean of their subwords, as users of sentence encoders do it.

The error rate of the ratio margin is known as xsim (Heffernan et al., 2022).
"""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from .csls import CPU
from .exact_tiles import blocks, grid_bits, unit_integers
from .results import DIRECTIONS, SENTENCE_SIMILARITIES

NEIGHBOURS = 4  # of the margin, as published
ROWS_PER_PRODUCT = 1024


@torch.inference_mode()
def sentence_ranks(
    source: np.ndarray, english: np.ndarray, device: torch.device = CPU
) -> pd.DataFrame:
    """How many sentences come before the translation of each one, by cosine and by margin.

    Row i of both sides [n, dimension] are translations. The margin of x and y is their cosine over
    the mean of their mean cosines to the NEIGHBOURS nearest sentences of the other side (the ratio
    of Artetxe and Schwenk, 2019). Ties go to the lower row. Columns are like
    to_english_margin_rank, int32 [n]; 0 is right. Raises PipelineError for vectors that are not
    finite.

    Cosines are integers, as in `exact_tiles`, so that only the division rounds, everywhere alike.
    """
    device = CPU if device.type == "mps" else device  # Metal has no float64
    k = min(NEIGHBOURS, len(source))
    bits = grid_bits(k)
    sides = [unit_integers(side, bits, device)[0] for side in (source, english)]
    sums = [neighbour_sums(x, y, k) for x, y in (sides, sides[::-1])]
    columns = {}
    for direction, order in zip(DIRECTIONS, (1, -1), strict=True):
        (x, y), (of_x, of_y) = sides[::order], sums[::order]
        ranks: dict[str, list[Tensor]] = {name: [] for name in SENTENCE_SIMILARITIES}
        for rows in blocks(len(x), ROWS_PER_PRODUCT):
            cosine = x[rows] @ y.T
            # 2k: the mean of two means over k.
            margin = 2 * k * cosine / (of_x[rows, None] + of_y)
            for name, scores in zip(SENTENCE_SIMILARITIES, (cosine, margin), strict=True):
                ranks[name].append(ranks_of_own(scores, rows.start))
        for name, parts in ranks.items():
            columns[f"{direction}_{name}_rank"] = torch.cat(parts).cpu().numpy().astype(np.int32)
    return pd.DataFrame(columns)


def ranks_of_own(scores: Tensor, first: int) -> Tensor:
    """How many candidates come before each query's own one, int64 [queries].

    `scores` are [queries, candidates]; the own candidate of query i is number `first` + i. Equal
    scores come before it if their number is lower. A score that is not a number comes last.
    """
    scores = scores.nan_to_num(nan=-torch.inf, posinf=torch.inf, neginf=-torch.inf)
    own = scores.diagonal(first)[:, None]
    before = (scores > own) | (scores == own).tril(first - 1)
    return before.sum(1)


def sentence_accuracies(ranks: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Accuracy @1 by similarity (to_english, from_english, mean) from a table of sentence_ranks."""
    accuracies = {}
    for name in SENTENCE_SIMILARITIES:
        found = {way: float((ranks[f"{way}_{name}_rank"] == 0).mean()) for way in DIRECTIONS}
        accuracies[name] = {**found, "mean": sum(found.values()) / len(found)}
    return accuracies


def neighbour_sums(x: Tensor, y: Tensor, k: int) -> Tensor:
    """The sum of the k largest products of each row of x with rows of y, [n]."""
    sums = [(x[rows] @ y.T).topk(k).values.sum(1) for rows in blocks(len(x), ROWS_PER_PRODUCT)]
    return torch.cat(sums)
