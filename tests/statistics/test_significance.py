from fractions import Fraction
from itertools import product
from math import comb, nan, sqrt

import numpy as np
import pytest
from scipy.stats import binomtest, chi2

from pipeline.statistics.significance import (
    MAX_EXACT,
    McNemar,
    Spread,
    gap_closed,
    mcnemar,
    spread,
)


def answers(both, first_only, second_only, neither):
    """Right answers of two classifiers with these counts, shuffled with a fixed seed."""
    counts = [both, first_only, second_only, neither]
    first = np.repeat([True, True, False, False], counts)
    second = np.repeat([True, False, True, False], counts)
    order = np.random.default_rng(3).permutation(len(first))
    return first[None, order], second[None, order]


@pytest.mark.parametrize(
    ("first_only", "second_only"),
    [(0, 0), (1, 0), (0, 7), (5, 5), (4, 12), (59, 121), (400, 600), (500, 500), (900, 100)],
)
def test_few_discordant_pairs_get_the_binomial_test(first_only, second_only):
    (result,) = mcnemar(*answers(31, first_only, second_only, 17))
    assert (result.first_only, result.second_only) == (first_only, second_only)
    assert result.variant == "exact"
    total = first_only + second_only
    tail = sum(comb(total, count) for count in range(min(first_only, second_only) + 1))
    expected = min(1.0, 2 * tail / 2**total)
    assert result.p_value == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_the_binomial_test_counts_all_outcomes():
    """Enumerate how 9 discordant examples can split; count splits at least as uneven as 2 to 7."""
    falls = [sum(fall) for fall in product([0, 1], repeat=9)]
    share = Fraction(sum(abs(2 * fall - 9) >= 5 for fall in falls), len(falls))
    assert mcnemar(*answers(3, 2, 7, 4))[0].p_value == pytest.approx(float(share), rel=1e-14)


@pytest.mark.parametrize(
    ("first_only", "second_only"), [(500, 501), (450, 551), (3000, 2800), (100, 1500)]
)
def test_many_discordant_pairs_are_approximated(first_only, second_only):
    (result,) = mcnemar(*answers(10, first_only, second_only, 0))
    assert result.variant == "chi-squared"
    total = first_only + second_only
    statistic = (abs(first_only - second_only) - 1) ** 2 / total
    assert result.p_value == pytest.approx(chi2.sf(statistic, 1), rel=1e-9)
    exact = binomtest(first_only, total).pvalue
    assert result.p_value == pytest.approx(exact, abs=0.002)


def test_the_two_variants_agree_at_the_limit():
    below = mcnemar(*answers(0, MAX_EXACT // 2 - 40, MAX_EXACT // 2 + 40, 0))[0]
    above = mcnemar(*answers(0, MAX_EXACT // 2 - 40, MAX_EXACT // 2 + 41, 0))[0]
    assert (below.variant, above.variant) == ("exact", "chi-squared")
    assert below.p_value > above.p_value > 0.9 * below.p_value


def test_a_published_example():
    """Agresti, Categorical Data Analysis (2002), table 10.1: approval ratings, 86 and 150 moved.

    His z² without correction is 17.36; with it (64 - 1)² / 236 = 16.82.
    """
    result = mcnemar(*answers(794, 150, 86, 570))[0]
    assert result.p_value == pytest.approx(2 * binomtest(86, 236, alternative="less").pvalue)
    assert result.p_value == pytest.approx(chi2.sf(16.82, 1), rel=0.2)


def test_cases_are_independent_and_the_test_is_symmetric():
    generator = np.random.default_rng(1)
    first, second = generator.random((2, 4, 50)) < np.array([0.7, 0.6])[:, None, None]
    tests = mcnemar(first, second)
    assert tests == [mcnemar(first[n : n + 1], second[n : n + 1])[0] for n in range(4)]
    for test, swapped in zip(tests, mcnemar(second, first), strict=True):
        assert swapped == McNemar(test.second_only, test.first_only, test.p_value, test.variant)


def test_equal_classifiers_rarely_differ_significantly():
    """At most 5 % of 2,000 pairs of equally good classifiers may differ at the 5 % level."""
    first, second = np.random.default_rng(2).random((2, 2000, 300)) < 0.7
    rate = np.mean([test.p_value < 0.05 for test in mcnemar(first, second)])
    assert 0.02 < rate <= 0.05


def test_shapes_must_agree():
    right = np.ones((2, 3), bool)
    for other in (np.ones((2, 4), bool), np.ones((1, 3), bool)):
        with pytest.raises(ValueError, match="both must be"):
            mcnemar(right, other)
    with pytest.raises(ValueError, match="both must be"):
        mcnemar(right[0], right[0])


def test_mean_and_sample_deviation_over_seeds():
    values = [0.63, 0.66, 0.60, 0.65]
    mean = sum(values) / 4
    deviation = sqrt(sum((value - mean) ** 2 for value in values) / 3)
    result = spread(values)
    assert result.mean == pytest.approx(mean, rel=1e-12)
    assert result.deviation == pytest.approx(deviation, rel=1e-12)
    assert result.runs == 4
    assert spread([0.5]) == Spread(0.5, None, 1)
    with pytest.raises(ValueError, match="at least one run"):
        spread([])


@pytest.mark.parametrize(
    ("base", "aligned", "ceiling", "expected"),
    [
        (0.60, 0.65, 0.70, 0.5),
        (0.60, 0.55, 0.70, -0.5),
        (0.60, 0.80, 0.70, 2.0),
        (0.60, 0.65, 0.60, None),
        (0.1 + 0.2, 0.4, 0.3, None),  # equal up to rounding
        (0.3, 0.4, 0.1 + 0.2, None),
        (0.60, 0.65, 0.50, None),
        (0.60, 0.65, None, None),
    ],
)
def test_the_gap_closed(base, aligned, ceiling, expected):
    result = gap_closed(base, aligned, ceiling)
    assert result is None if expected is None else result == pytest.approx(expected)


def test_the_gap_of_an_unknown_figure_is_unknown():
    assert np.isnan(gap_closed(0.6, nan, 0.7))
