"""Accuracy of the queries that are no test words: words of gold sets, and whole sentences."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..retrieval.results import DIRECTIONS, SENTENCE_SIMILARITIES
from .accuracy_by_group import GROUP_COLUMNS, group_accuracies


def gold_accuracies(ranks: Mapping[str, pd.DataFrame], resamples: int, seed: int) -> pd.DataFrame:
    """The rows of `group_accuracies` for the words of all gold sets together.

    `ranks` has one table per method, the step retrieval's gold.parquet. The bootstrap resamples the
    gold sentences. Without gold words there are no rows.
    """
    first = next(iter(ranks.values()))
    if first.empty:
        return pd.DataFrame(columns=GROUP_COLUMNS)
    sentence = (first["set"] + ":" + first["line"].astype(str)).to_numpy(object)
    return group_accuracies(ranks, sentence, {}, resamples, seed)


def sentence_accuracies(
    ranks: Mapping[str, pd.DataFrame], resamples: int, seed: int
) -> pd.DataFrame:
    """The rows of `group_accuracies` for whole sentences, with the column `similarity`.

    `ranks` has one table per method, the step retrieval's sentences.parquet. `words` counts
    sentences.
    """
    frames = []
    for similarity in SENTENCE_SIMILARITIES:
        names = {f"{way}_{similarity}_rank": f"{way}_rank" for way in DIRECTIONS}
        of_similarity = {method: table.rename(columns=names) for method, table in ranks.items()}
        sentence = np.arange(len(next(iter(ranks.values()))))
        rows = group_accuracies(of_similarity, sentence, {}, resamples, seed)
        frames.append(rows.assign(similarity=similarity))
    return pd.concat(frames, ignore_index=True)
