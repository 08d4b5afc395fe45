"""Accuracy of retrieval by kind of word, pair and sentence, with its uncertainty, in one table."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import PipelineError
from ..encoder.pair_arrays import Split
from ..retrieval.results import DIRECTIONS
from ..statistics.bootstrap import Bootstrap, bootstrap
from .word_groups import Bins

COLUMNS = [
    "analysis",
    "bin",
    "position",
    "direction",
    "method",
    "words",
    "sentences",
    "accuracy",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
    "p",
]


def accuracies(
    ranks: Mapping[str, pd.DataFrame],
    sentence: np.ndarray,
    bins: Mapping[str, Bins],
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """One row an analysis, bin, direction and method, with the columns COLUMNS.

    `ranks` has by method a frame with a row a pair and the columns to_english_rank and
    from_english_rank (0 is right); `sentence` [pairs] is resampled. Directions are also averaged,
    as `mean`. `position` numbers the bins of an analysis. `low` and `high` bound the 95 % interval
    of `accuracy`; `difference` is to the first method in the same bin, and has nothing in the rows
    of that method. The analysis `all` has one bin, `all`. Bins without words have no row. Raises
    PipelineError if the methods were not measured on the same pairs.
    """
    if {len(each) for each in ranks.values()} != {len(sentence)}:
        raise PipelineError(
            f"analyses: {', '.join(ranks)} and the word pairs are not of the same number: run "
            "retrieval again"
        )
    right = np.stack(
        [ranks[method][f"{direction}_rank"] == 0 for direction in DIRECTIONS for method in ranks]
    )
    whole = np.full(len(sentence), "all", object)
    frames = []
    for analysis, each in {"all": Bins(["all"], whole, whole), **bins}.items():
        result = bootstrap(_outcomes(each, right), sentence, resamples=resamples, seed=seed)
        rows = pd.DataFrame(_rows(each.names, list(ranks), result), columns=COLUMNS)
        frames.append(rows.assign(analysis=analysis))
    return pd.concat(frames, ignore_index=True)


def hubs(outcomes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Hubness among the words that are looked for: direction, method, skewness and never.

    `outcomes` are those of `retrieval.results` by method, with occurrences.
    """
    return pd.DataFrame(
        {"direction": direction, "method": method, **hubness(found[f"{direction}_near"].to_numpy())}
        for direction in DIRECTIONS
        for method, found in outcomes.items()
    )


def training_pairs(pairs: pd.DataFrame, split: Split, trained: Split) -> pd.DataFrame:
    """The rows of a split's table of pairs with a sentence of `trained`, which is a part of it."""
    rows = np.isin(split.source.keys, trained.source.keys)
    return pairs[np.repeat(rows, np.diff(split.pair_bounds))]


def _outcomes(bins: Bins, right: np.ndarray) -> np.ndarray:
    # Columns bin by bin, in each of them to English and from English, in each of these all methods.
    labels = np.repeat([bins.to_english, bins.from_english], len(right) // 2, axis=0)
    columns = [np.where(labels == name, right, np.nan) for name in bins.names]
    return np.concatenate(columns).T


def _rows(
    names: Sequence[str], methods: Sequence[str], result: Bootstrap
) -> Iterator[dict[str, Any]]:
    for number, name in enumerate(names):
        start = 2 * len(methods) * number
        starts = {direction: [start + k * len(methods)] for k, direction in enumerate(DIRECTIONS)}
        starts["mean"] = [start, start + len(methods)]
        for direction, first in starts.items():
            for step, method in enumerate(methods):
                columns = [column + step for column in first]
                share = result.mean(columns)
                if math.isnan(share.value):
                    continue
                row: dict[str, Any] = {
                    "bin": name,
                    "position": number,
                    "direction": direction,
                    "method": method,
                }
                row |= {"words": share.items, "sentences": share.clusters}
                row |= {"accuracy": share.value, "low": share.low, "high": share.high}
                if step:
                    change = result.difference(columns, first)
                    row |= {"difference": change.value, "p": change.p}
                    row |= {"difference_low": change.low, "difference_high": change.high}
                yield row


def hubness(occurrences: np.ndarray) -> dict[str, float]:
    """How unequally the candidates are found (Radovanović et al., 2010).

    `occurrences` [n] says for how many queries each is among the nearest ones. `skewness` is the
    third standardised moment of these counts, 0 where all are equal; `never` is the share of the
    candidates that are near no query.
    """
    counts = occurrences.astype(np.float64)
    spread = counts.std()
    skewness = float(np.mean(((counts - counts.mean()) / spread) ** 3)) if spread else 0.0
    return {"skewness": skewness, "never": float(np.mean(counts == 0))}
