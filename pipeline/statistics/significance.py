"""Whether one classifier is better than another: per test set, over seeds, against a ceiling."""

from dataclasses import dataclass
from math import comb, erfc, isclose, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT = 1000  # discordant pairs up to which the exact distribution is summed


@dataclass(frozen=True)
class McNemar:
    """Two classifiers on the same examples, and how probable such a difference is by chance.

    `first_only` and `second_only` count the examples that only one of them has right; `p_value` is
    two-sided. `variant` says how it was computed.
    """

    first_only: int
    second_only: int
    p_value: float
    variant: Literal["exact", "chi-squared"]


@dataclass(frozen=True)
class Spread:
    """Mean over runs, and their sample standard deviation (n - 1), None of a single run."""

    mean: float
    deviation: float | None
    runs: int


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> list[McNemar]:
    """McNemar's test of each row: what two classifiers have right, bool [cases, examples].

    If both are as good, each of the n = b + c discordant examples falls to either side with
    probability 1/2. Up to EXACT of them the p-value is the binomial one, 2 P(X <= min(b, c)), at
    most 1; beyond, the chi-squared approximation (|b - c| - 1)² / n with one degree of freedom.
    Raises ValueError for arrays of different shapes. Source: McNemar, "Note on the sampling error
    of the difference between correlated proportions or percentages", Psychometrika 1947, with the
    correction of Edwards, Psychometrika 1948.
    """
    if first.shape != second.shape or first.ndim != 2:
        raise ValueError(f"shapes {first.shape} and {second.shape}: give [cases, examples] twice")
    first_only = np.count_nonzero(first & ~second, axis=1)
    second_only = np.count_nonzero(second & ~first, axis=1)
    return [_mcnemar(int(b), int(c)) for b, c in zip(first_only, second_only, strict=True)]


def _mcnemar(first_only: int, second_only: int) -> McNemar:
    total, fewer = first_only + second_only, min(first_only, second_only)
    if total <= EXACT:
        # Whole numbers: no tail is too small to be summed exactly.
        p_value = min(1.0, 2 * sum(comb(total, k) for k in range(fewer + 1)) / 2**total)
        return McNemar(first_only, second_only, p_value, "exact")
    statistic = max(abs(first_only - second_only) - 1, 0) ** 2 / total
    return McNemar(first_only, second_only, erfc(sqrt(statistic / 2)), "chi-squared")


def spread(values: ArrayLike) -> Spread:
    """Mean and sample standard deviation of one figure over runs, [runs].

    Raises ValueError without any run.
    """
    runs = np.asarray(values, np.float64)
    if runs.ndim != 1 or not len(runs):
        raise ValueError(f"shape {runs.shape}: give one figure a run, of one run at least")
    deviation = float(runs.std(ddof=1)) if len(runs) > 1 else None
    return Spread(float(runs.mean()), deviation, len(runs))


def gap_closed(base: float, aligned: float, ceiling: float | None) -> float | None:
    """(aligned - base) / (ceiling - base), what alignment closes of the gap to translate-train.

    Accuracies as shares. Above 1, alignment is better than the ceiling; below 0, worse than base.
    None where there is no ceiling, or none above base: then there is no gap.
    """
    if ceiling is None or ceiling < base or isclose(ceiling, base, abs_tol=1e-9):
        return None
    return (aligned - base) / (ceiling - base)


def level(p_value: float) -> str:
    """How a p-value is printed; smaller ones than 0.001 are not told apart."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
