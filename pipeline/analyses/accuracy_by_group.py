"""Retrieval accuracy by kind of word, pair and sentence, with confidence intervals."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import PipelineError
from ..encoder.pair_arrays import Split
from ..retrieval.results import DIRECTIONS
from ..statistics.bootstrap import Bootstrap, bootstrap
from .word_groups import Bins

GROUP_COLUMNS = [
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


def group_accuracies(
    ranks: Mapping[str, pd.DataFrame],
    sentence: np.ndarray,
    bins: Mapping[str, Bins],
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """One row per analysis, bin, direction and method, with the columns GROUP_COLUMNS.

    `ranks` has one frame per method, with one row per pair and the columns to_english_rank and
    from_english_rank (0 is right). The bootstrap resamples `sentence` [pairs]. The direction `mean`
    averages the other two. `position` numbers the bins of an analysis. `low` and `high` bound the
    95 % interval of `accuracy`. `difference` compares with the first method in the same bin, and is
    empty in the rows of that method. The analysis `all` has one bin, `all`. Bins without words have
    no row. Raises PipelineError if the methods were not measured on the same pairs.
    """
    if {len(table) for table in ranks.values()} != {len(sentence)}:
        raise PipelineError(
            f"analyses: {', '.join(ranks)} and the word pairs differ in number: run retrieval again"
        )
    everything = np.full(len(sentence), "all", object)
    frames = []
    for analysis, groups in {"all": Bins(["all"], everything, everything), **bins}.items():
        right = _right_by_column(groups, ranks)
        matrix = np.stack(list(right.values())).T
        result = bootstrap(matrix, sentence, resamples=resamples, seed=seed)
        numbers = {key: number for number, key in enumerate(right)}
        rows = _rows(groups.names, list(ranks), result, numbers)
        frames.append(pd.DataFrame(rows, columns=GROUP_COLUMNS).assign(analysis=analysis))
    return pd.concat(frames, ignore_index=True)


def hubness_by_method(outcomes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Hubness of the target words: direction, method, skewness and never.

    `outcomes` has one table of `retrieval.results` per method, with occurrences.
    """
    rows = []
    for direction in DIRECTIONS:
        for method, table in outcomes.items():
            measures = hubness_measures(table[f"{direction}_near"].to_numpy())
            rows.append({"direction": direction, "method": method, **measures})
    return pd.DataFrame(rows)


def training_pairs(pairs: pd.DataFrame, split: Split, trained: Split) -> pd.DataFrame:
    """The rows of a split's table of pairs whose sentence is in `trained`, a part of the split."""
    is_trained = np.isin(split.source.keys, trained.source.keys)
    return pairs[np.repeat(is_trained, np.diff(split.pair_bounds))]


def _right_by_column(
    groups: Bins, ranks: Mapping[str, pd.DataFrame]
) -> dict[tuple[str, str, str], np.ndarray]:
    """Whether each word is retrieved (1 or 0; NaN outside the bin), by bin, direction, method."""
    labels = {"to_english": groups.to_english, "from_english": groups.from_english}
    right = {}
    for name, direction, method in product(groups.names, DIRECTIONS, ranks):
        is_right = ranks[method][f"{direction}_rank"] == 0
        right[name, direction, method] = np.where(labels[direction] == name, is_right, np.nan)
    return right


def _rows(
    names: Sequence[str],
    methods: Sequence[str],
    result: Bootstrap,
    numbers: Mapping[tuple[str, str, str], int],
) -> Iterator[dict[str, Any]]:
    averaged = {direction: [direction] for direction in DIRECTIONS} | {"mean": [*DIRECTIONS]}
    for position, name in enumerate(names):
        for direction, parts in averaged.items():
            first = [numbers[name, part, methods[0]] for part in parts]
            for method in methods:
                columns = [numbers[name, part, method] for part in parts]
                share = result.mean(columns)
                if math.isnan(share.value):
                    continue
                row: dict[str, Any] = {
                    "bin": name,
                    "position": position,
                    "direction": direction,
                    "method": method,
                }
                row |= {"words": share.items, "sentences": share.clusters}
                row |= {"accuracy": share.value, "low": share.low, "high": share.high}
                if method != methods[0]:
                    change = result.difference(columns, first)
                    row |= {"difference": change.value, "p": change.p}
                    row |= {"difference_low": change.low, "difference_high": change.high}
                yield row


def hubness_measures(occurrences: np.ndarray) -> dict[str, float]:
    """How unequally the candidates are retrieved (Radovanović et al., 2010).

    `occurrences` [n] counts the queries that have each candidate among their nearest. `skewness` is
    the third standardised moment of these counts, 0 if all are equal; `never` is the share of
    candidates that are near no query.
    """
    # scipy.stats.skew differs in the last digit, and hubness.csv has all digits.
    counts = occurrences.astype(np.float64)
    spread = counts.std()
    skewness = float(np.mean(((counts - counts.mean()) / spread) ** 3)) if spread else 0.0
    return {"skewness": skewness, "never": float(np.mean(counts == 0))}
