"""Uncertainty of accuracies: paired bootstrap over sentences (Efron and Tibshirani, 1993, 13.3).

The words of one sentence are not independent, so whole sentences (clusters) are drawn with
replacement. All columns of outcomes use the same draws, so that the difference between two systems
is a paired one. An accuracy is a ratio: the sum of the outcomes in the drawn clusters over their
number.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..common.errors import PipelineError

RESAMPLES = 10_000
LEVEL = 0.95
COUNTS_IN_MEMORY = 2**22  # 8 bytes each
ROUNDING = 1e-12  # a smaller difference is taken as 0


@dataclass(frozen=True)
class Interval:
    """A share, or the difference between two, with its percentile interval; nan where undefined.

    `items` and `clusters` count those with an outcome. `p` is the two-sided p-value of a
    difference against 0. If s of B resamples are at or below 0 and t are at or above, it is
    2 (min(s, t) + 1) / (B + 1), at most 1: the smallest level at which the percentile interval
    excludes 0. The added 1 keeps it above 0 (Davison and Hinkley, 1997, 4.2).
    """

    value: float
    low: float
    high: float
    items: int
    clusters: int
    p: float = math.nan

    def __str__(self) -> str:
        """Percentage and half the width of the interval: 49.8 ± 0.6 (n = 21,034)."""
        half = (self.high - self.low) / 2
        return f"{100 * self.value:.1f} ± {100 * half:.1f} (n = {self.items:,})"


@dataclass(frozen=True)
class Bootstrap:
    """Mean outcome of each column: observed, and in each resample.

    `observed` is float64 [columns], `resampled` float64 [resamples, columns], nan where no item
    was drawn. `cluster` [items] is the number of each item's cluster, `counted` bool
    [items, columns] whether the item has an outcome in the column.
    """

    observed: np.ndarray
    resampled: np.ndarray
    cluster: np.ndarray
    counted: np.ndarray

    def mean(self, columns: Sequence[int]) -> Interval:
        """The mean over some columns with equal weights, such as directions or languages."""
        return self._interval({column: 1 / len(columns) for column in columns})[0]

    def difference(self, after: Sequence[int], before: Sequence[int]) -> Interval:
        """The mean of the columns `after` minus that of `before`; no column may be in both."""
        weights = {column: 1 / len(after) for column in after}
        weights |= {column: -1 / len(before) for column in before}
        interval, resampled = self._interval(weights)
        if math.isnan(interval.low):
            return interval
        tail = min(int(np.sum(resampled <= ROUNDING)), int(np.sum(resampled >= -ROUNDING)))
        return replace(interval, p=min(1.0, 2 * (tail + 1) / (len(resampled) + 1)))

    def _interval(self, weights: Mapping[int, float]) -> tuple[Interval, np.ndarray]:
        """The interval of a weighted sum of columns, and its defined resamples."""
        columns, factors = list(weights), np.array(list(weights.values()))
        # Not a matrix product: the order in which BLAS adds depends on the machine.
        value = (self.observed[columns] * factors).sum()
        resampled = (self.resampled[:, columns] * factors).sum(axis=1)
        resampled = resampled[~np.isnan(resampled)]
        counted = self.counted[:, columns].any(axis=1)
        clusters = len(np.unique(self.cluster[counted]))
        low = high = math.nan
        if clusters > 1 and len(resampled):  # a single cluster is the same in every resample
            low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
        return Interval(float(value), low, high, int(counted.sum()), clusters), resampled


def bootstrap(
    outcomes: np.ndarray, clusters: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 1
) -> Bootstrap:
    """Compute the mean outcome of each column in resamples of the clusters.

    `outcomes` [items, columns] has one column per system, direction, language or bin: 1 for right,
    0 for wrong, nan where the item does not belong to the column. `clusters` [items] is the
    sentence or example of each item. COUNTS_IN_MEMORY bounds the memory needed besides the result.
    Sums of zeros and ones are exact, so that the result is the same on every machine. Raises
    PipelineError if there are no items, or if the two lengths differ.
    """
    if not len(outcomes) or len(outcomes) != len(clusters):
        raise PipelineError(
            f"bootstrap: {len(outcomes)} outcomes for {len(clusters)} items: it needs at least one "
            "item, each with its sentence: check the test set"
        )
    outcomes = np.asarray(outcomes, np.float64)
    counted = ~np.isnan(outcomes)
    names, cluster = np.unique(clusters, return_inverse=True)
    totals = _by_cluster(np.hstack([np.where(counted, outcomes, 0), counted]), cluster, len(names))
    sums = np.vstack([counts @ totals for counts in _drawn_counts(len(names), resamples, seed)])
    observed, resampled = _ratio(totals.sum(0)[None])[0], _ratio(sums)
    return Bootstrap(observed, resampled, cluster, counted)


def _by_cluster(values: np.ndarray, cluster: np.ndarray, clusters: int) -> np.ndarray:
    """Sums per cluster, [clusters, columns], of values [items, columns]."""
    columns = [np.bincount(cluster, column, minlength=clusters) for column in values.T]
    return np.stack(columns, axis=1)


def _drawn_counts(clusters: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Blocks of float64 [resamples, clusters]: how often each cluster is drawn."""
    random = np.random.default_rng(seed)
    largest_block = max(1, COUNTS_IN_MEMORY // clusters)
    for start in range(0, resamples, largest_block):
        block = min(largest_block, resamples - start)
        drawn = random.integers(clusters, size=(block, clusters))
        # One bincount serves the whole block: each resample has a separate range of numbers.
        drawn += clusters * np.arange(block)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=block * clusters)
        yield counts.reshape(block, clusters).astype(np.float64)


def _ratio(sums: np.ndarray) -> np.ndarray:
    """Outcomes over counts, the left and right halves of the columns; nan where the count is 0."""
    outcomes, counts = np.split(sums, 2, axis=1)
    ratio: np.ndarray = np.full_like(outcomes, np.nan)
    np.divide(outcomes, counts, out=ratio, where=counts > 0)
    return ratio
