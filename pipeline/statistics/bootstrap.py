"""Uncertainty of accuracies: paired bootstrap over sentences (Efron and Tibshirani, 1993, 13.3).

Words of one sentence are not independent, so whole sentences (clusters) are drawn with replacement,
and all columns of outcomes see the same draws: a difference of two systems is that of pairs. An
accuracy is a ratio, the sum of the outcomes over the number of items, of the drawn clusters.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..common.errors import PipelineError

RESAMPLES = 10_000
LEVEL = 0.95
DRAWS = 2**22  # cluster counts that are in memory at once, 8 bytes each
TINY = 1e-12  # a difference below this is 0, and what is more of it is rounding


@dataclass(frozen=True)
class Interval:
    """A share, or a difference of two, with its percentile interval; nan where undefined.

    `items` and `clusters` are those with an outcome. `p` is of a difference: two-sided, that it is
    0. With s resamples at or below 0, t at or above and B in all it is 2 (min(s, t) + 1) / (B + 1),
    at most 1: the smallest level at which the percentile interval leaves 0 out, and never 0 itself
    (for the 1 that is added see Davison and Hinkley, 1997, 4.2).
    """

    value: float
    low: float
    high: float
    items: int
    clusters: int
    p: float = math.nan

    def __str__(self) -> str:
        """Per cent and half the width of the interval: 49.8 ± 0.6 (n = 21,034)."""
        half = (self.high - self.low) / 2
        return f"{100 * self.value:.1f} ± {100 * half:.1f} (n = {self.items:,})"


@dataclass(frozen=True)
class Bootstrap:
    """What the columns of outcomes have on average: observed, and in each resample.

    `observed` is float64 [columns], `resampled` [resamples, columns], nan where no item was drawn.
    `cluster` [items] numbers the clusters, `counted` [items, columns] says which items have an
    outcome.
    """

    observed: np.ndarray
    resampled: np.ndarray
    cluster: np.ndarray
    counted: np.ndarray

    def mean(self, columns: Sequence[int]) -> Interval:
        """The mean of some columns, each counting the same: directions, or languages."""
        return self._interval({column: 1 / len(columns) for column in columns})[0]

    def difference(self, after: Sequence[int], before: Sequence[int]) -> Interval:
        """The mean of the columns `after` less that of `before`; no column is in both."""
        weights = {column: 1 / len(after) for column in after}
        weights |= {column: -1 / len(before) for column in before}
        interval, drawn = self._interval(weights)
        if math.isnan(interval.low):
            return interval
        tail = min(int(np.sum(drawn <= TINY)), int(np.sum(drawn >= -TINY)))
        return replace(interval, p=min(1.0, 2 * (tail + 1) / (len(drawn) + 1)))

    def _interval(self, weights: Mapping[int, float]) -> tuple[Interval, np.ndarray]:
        columns, shares = list(weights), np.array(list(weights.values()))
        # Not a matrix product: BLAS adds in another order on another machine.
        value = (self.observed[columns] * shares).sum()
        resampled = (self.resampled[:, columns] * shares).sum(axis=1)
        counted = self.counted[:, columns].any(axis=1)
        clusters = len(np.unique(self.cluster[counted]))
        drawn = resampled[~np.isnan(resampled)]
        low = high = math.nan
        if clusters > 1 and len(drawn):  # one alone is the same in every resample
            low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
        return Interval(float(value), low, high, int(counted.sum()), clusters), drawn


def bootstrap(
    outcomes: np.ndarray, clusters: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 1
) -> Bootstrap:
    """Resample the clusters of items.

    `outcomes` is [items, columns]: what each item has under each system, direction, language or
    bin, 1 for right and 0 for wrong; nan where the item does not belong to the column. `clusters`
    [items] has the sentence, or example, of each item. Memory beside the result is bounded by
    DRAWS. Sums of 0 and 1 are exact, so that the result is the same on every machine. Raises
    PipelineError if there is nothing to resample.
    """
    if not len(outcomes) or len(outcomes) != len(clusters):
        raise PipelineError(
            f"bootstrap: {len(outcomes)} outcomes of {len(clusters)} items: there must be one or "
            "more, each with its sentence: check the test set"
        )
    outcomes = np.asarray(outcomes, np.float64)
    counted = ~np.isnan(outcomes)
    names, cluster = np.unique(clusters, return_inverse=True)
    totals = _by_cluster(np.hstack([np.where(counted, outcomes, 0), counted]), cluster, len(names))
    sums = np.vstack([draw @ totals for draw in _draws(len(names), resamples, seed)])
    observed, resampled = _ratio(totals.sum(0)[None])[0], _ratio(sums)
    return Bootstrap(observed, resampled, cluster, counted)


def _by_cluster(values: np.ndarray, cluster: np.ndarray, clusters: int) -> np.ndarray:
    columns = [np.bincount(cluster, column, minlength=clusters) for column in values.T]
    return np.stack(columns, axis=1)


def _draws(clusters: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    random = np.random.default_rng(seed)
    rows = max(1, DRAWS // clusters)
    for start in range(0, resamples, rows):
        block = min(rows, resamples - start)
        drawn = random.integers(clusters, size=(block, clusters))
        drawn += clusters * np.arange(block)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=block * clusters)
        yield counts.reshape(block, clusters).astype(np.float64)


def _ratio(sums: np.ndarray) -> np.ndarray:
    outcomes, counts = np.split(sums, 2, axis=1)
    ratio: np.ndarray = np.full_like(outcomes, np.nan)
    np.divide(outcomes, counts, out=ratio, where=counts > 0)
    return ratio
