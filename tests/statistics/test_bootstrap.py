import math

import numpy as np
import pytest
from scipy import stats

from pipeline.common.errors import PipelineError
from pipeline.statistics import bootstrap as module
from pipeline.statistics.bootstrap import Interval, bootstrap

RANDOM = np.random.default_rng(0)
CLUSTERS = np.repeat(["s9", "s1", "s4", "s7"], [3, 1, 4, 2])
OUTCOMES = RANDOM.integers(0, 2, size=(10, 3)).astype(float)
OUTCOMES[:4, 2] = np.nan  # the third column has no item of s9 and s1


def looped(outcomes, clusters, drawn):
    """The ratio of one column for each list of drawn clusters, computed item by item."""
    names = sorted(set(clusters))
    means = []
    for draw in drawn:
        values = []
        for number in draw:
            values += [
                value
                for value, name in zip(outcomes, clusters, strict=True)
                if name == names[number] and not math.isnan(value)
            ]
        means.append(sum(values) / len(values) if values else math.nan)
    return means


@pytest.mark.parametrize("counts", [1, 12, 2**22])
def test_equals_a_plain_loop_for_any_block_size(monkeypatch, counts):
    monkeypatch.setattr(module, "COUNTS_IN_MEMORY", counts)
    result = bootstrap(OUTCOMES, CLUSTERS, resamples=50, seed=3)
    random = np.random.default_rng(3)
    drawn = random.integers(4, size=(50, 4))
    for column in range(3):
        expected = looped(OUTCOMES[:, column], CLUSTERS, drawn)
        np.testing.assert_allclose(result.resampled[:, column], expected, rtol=1e-14)
        (observed,) = looped(OUTCOMES[:, column], CLUSTERS, [range(4)])
        assert result.observed[column] == pytest.approx(observed)
    assert np.isnan(result.resampled).any()


def test_mean_and_difference_use_the_same_draws():
    outcomes = RANDOM.random((300, 4)) < [0.3, 0.4, 0.5, 0.6]
    result = bootstrap(outcomes, np.arange(300) // 3, resamples=999)
    before, after = result.resampled[:, :2].mean(axis=1), result.resampled[:, 2:].mean(axis=1)
    mean, difference = result.mean([0, 1]), result.difference([2, 3], [0, 1])
    assert mean.value == pytest.approx(outcomes[:, :2].mean())
    assert (mean.low, mean.high) == pytest.approx(tuple(np.percentile(before, [2.5, 97.5])))
    assert difference.value == pytest.approx(outcomes[:, 2:].mean() - outcomes[:, :2].mean())
    expected = np.percentile(after - before, [2.5, 97.5])
    assert (difference.low, difference.high) == pytest.approx(tuple(expected))
    assert math.isnan(mean.p)
    assert difference.p == pytest.approx(2 / 1000)  # no resample is on the other side


def test_pairing_finds_a_small_difference():
    before = RANDOM.random(400) < 0.5
    better = before | (np.arange(400) % 40 == 0)
    result = bootstrap(np.stack([before, before, better], axis=1), np.arange(400))
    assert result.difference([1], [0]).p == 1
    assert (result.difference([1], [0]).low, result.difference([1], [0]).high) == (0, 0)
    assert result.difference([2], [0]).p < 0.05
    # The separate intervals overlap all the same.
    assert result.mean([2]).low < result.mean([0]).value


def test_the_p_value_agrees_with_a_t_test():
    outcomes = np.zeros((2000, 2))
    outcomes[:220, 1] = outcomes[220:400, 0] = 1  # 220 better, 180 worse
    expected = stats.ttest_1samp(outcomes[:, 1] - outcomes[:, 0], 0).pvalue
    result = bootstrap(outcomes, np.arange(2000)).difference([1], [0])
    assert expected == pytest.approx(0.0455, abs=1e-3)
    assert result.p == pytest.approx(expected, rel=0.15)


def test_dependent_words_widen_the_interval():
    outcomes = np.repeat([1.0, 0.0], [90, 10])[:, None]
    tied = bootstrap(outcomes, np.repeat(np.arange(20), 5)).mean([0])
    free = bootstrap(outcomes, np.arange(100)).mean([0])
    assert tied.value == free.value == 0.9
    assert tied.high - tied.low > 2 * (free.high - free.low)
    assert (tied.items, tied.clusters, free.clusters) == (100, 20, 100)


def test_columns_have_equal_weights():
    outcomes = np.array([[1, np.nan], [1, np.nan], [1, np.nan], [np.nan, 0], [np.nan, 0]])
    result = bootstrap(outcomes, np.arange(5)).mean([0, 1])
    assert result.value == 0.5
    assert result.items == 5


def test_one_sentence_or_none_has_no_interval():
    outcomes = np.array([[1, np.nan], [0, np.nan], [np.nan, np.nan]])
    result = bootstrap(outcomes, np.array([0, 0, 1]), resamples=100)
    one, none = result.mean([0]), result.mean([1])
    assert (one.value, one.items, one.clusters) == (0.5, 2, 1)
    assert math.isnan(one.low)
    assert (none.items, none.clusters) == (0, 0)
    assert math.isnan(none.value)
    assert math.isnan(result.difference([0], [1]).p)


def test_the_same_seed_gives_the_same_intervals():
    result = [
        bootstrap(OUTCOMES, CLUSTERS, resamples=99, seed=seed).resampled for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(result[0], result[1])
    assert not np.array_equal(result[0], result[2], equal_nan=True)


def test_prints_percentage_half_width_and_items():
    assert str(Interval(0.4981, 0.4921, 0.5041, 21034, 1024)) == "49.8 ± 0.6 (n = 21,034)"


def test_refuses_empty_or_mismatched_input():
    with pytest.raises(PipelineError, match="0 outcomes for 0 items"):
        bootstrap(np.empty((0, 1)), np.empty(0))
    with pytest.raises(PipelineError, match="3 outcomes for 2 items"):
        bootstrap(np.ones((3, 1)), np.zeros(2))


@pytest.mark.slow
def test_95_per_cent_of_simulated_intervals_cover_the_truth():
    random = np.random.default_rng(1)
    cases, covered, differences, rejected = 2000, 0, 0, 0
    for case in range(cases):
        words = 1 + random.poisson(8, 200)
        sentence = np.repeat(np.arange(200), words)
        # Sentences are easy or hard for both systems; on average a word is right in half the cases.
        ease = random.beta(2, 2, 200)[sentence]
        outcomes = random.random((len(sentence), 2)) < ease[:, None]
        result = bootstrap(outcomes, sentence, resamples=1000, seed=case)
        mean, difference = result.mean([0]), result.difference([1], [0])
        covered += mean.low <= 0.5 <= mean.high
        differences += difference.low <= 0 <= difference.high
        rejected += difference.p < 0.05
    assert 0.93 <= covered / cases <= 0.97
    assert 0.93 <= differences / cases <= 0.97
    assert 0.03 <= rejected / cases <= 0.07
