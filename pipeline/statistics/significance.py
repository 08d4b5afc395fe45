"""Comparison of classifiers: per test set, over seeds, and against a ceiling."""

from dataclasses import dataclass
from math import erfc, isclose, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_EXACT = 1000  # discordant pairs; with more of them the p-value is approximated


@dataclass(frozen=True)
class McNemar:
    """Result of McNemar's test of two classifiers on the same examples.

    `first_only` and `second_only` count the examples that only the first or only the second
    classifies correctly. `p_value` is two-sided; `variant` is how it was computed.
    """

    first_only: int
    second_only: int
    p_value: float
    variant: Literal["exact", "chi-squared"]


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation (n - 1) over runs; no deviation for a single run."""

    mean: float
    deviation: float | None
    runs: int


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> list[McNemar]:
    """McNemar's test for each case.

    `first` and `second`, bool [cases, examples], mark the examples that each classifier has right.
    If both are equally good, each of the n = b + c discordant examples falls to either side with
    probability 1/2. For up to MAX_EXACT of them the p-value is that of the two-sided binomial
    test; for more, it comes from the chi-squared statistic (|b - c| - 1)² / n with one degree of
    freedom. Source: McNemar, "Note on the sampling error of the difference between correlated
    proportions or percentages", Psychometrika 1947, with the correction of Edwards, Psychometrika
    1948. Raises ValueError unless both shapes are equal and two-dimensional.
    """
    if first.shape != second.shape or first.ndim != 2:
        raise ValueError(f"shapes {first.shape} and {second.shape}: both must be [cases, examples]")
    first_only = np.count_nonzero(first & ~second, axis=1)
    second_only = np.count_nonzero(second & ~first, axis=1)
    return [_mcnemar(int(b), int(c)) for b, c in zip(first_only, second_only, strict=True)]


def _mcnemar(first_only: int, second_only: int) -> McNemar:
    from scipy.stats import binomtest

    total = first_only + second_only
    if total <= MAX_EXACT:
        fewer = min(first_only, second_only)
        # binomtest refuses 0 trials: without discordant pairs the classifiers do not differ.
        p_value = float(binomtest(fewer, total).pvalue) if total else 1.0
        return McNemar(first_only, second_only, p_value, "exact")
    statistic = max(abs(first_only - second_only) - 1, 0) ** 2 / total
    return McNemar(first_only, second_only, erfc(sqrt(statistic / 2)), "chi-squared")


def spread(values: ArrayLike) -> Spread:
    """Mean and sample standard deviation of one figure over runs, [runs].

    Raises ValueError if there is no run.
    """
    runs = np.asarray(values, np.float64)
    if runs.ndim != 1 or not len(runs):
        raise ValueError(f"shape {runs.shape}: give one figure per run, of at least one run")
    deviation = float(runs.std(ddof=1)) if len(runs) > 1 else None
    return Spread(float(runs.mean()), deviation, len(runs))


def gap_closed(base: float, aligned: float, ceiling: float | None) -> float | None:
    """The share of the gap to translate-train that alignment closes.

    It is (aligned - base) / (ceiling - base), of accuracies between 0 and 1. Above 1, alignment is
    better than the ceiling; below 0, worse than base. None if there is no ceiling above base.
    """
    if ceiling is None or ceiling < base or isclose(ceiling, base, abs_tol=1e-9):
        return None
    return (aligned - base) / (ceiling - base)


def level(p_value: float) -> str:
    """Text for a p-value; those below 0.001 are not distinguished."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
