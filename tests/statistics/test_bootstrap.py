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


def plainly(outcomes, clusters, drawn):
    """The ratio of one column for each list of drawn clusters, item by item."""
    names = sorted(set(clusters))
    means = []
    for draw in drawn:
        values = []
        for number in draw:
            at = [
                value
                for value, name in zip(outcomes, clusters, strict=True)
                if name == names[number] and not math.isnan(value)
            ]
            values += at
        means.append(sum(values) / len(values) if values else math.nan)
    return means


@pytest.mark.parametrize("draws", [1, 12, 2**22])
def test_equals_a_plain_loop_over_the_same_draws_whatever_the_block(monkeypatch, draws):
    monkeypatch.setattr(module, "DRAWS", draws)
    found = bootstrap(OUTCOMES, CLUSTERS, resamples=50, seed=3)
    random = np.random.default_rng(3)
    drawn = random.integers(4, size=(50, 4))
    for column in range(3):
        expected = plainly(OUTCOMES[:, column], CLUSTERS, drawn)
        np.testing.assert_allclose(found.resampled[:, column], expected, rtol=1e-14)
        (observed,) = plainly(OUTCOMES[:, column], CLUSTERS, [range(4)])
        assert found.observed[column] == pytest.approx(observed)
    assert np.isnan(found.resampled).any()


def test_mean_and_difference_are_of_the_same_draws():
    outcomes = RANDOM.random((300, 4)) < [0.3, 0.4, 0.5, 0.6]
    found = bootstrap(outcomes, np.arange(300) // 3, resamples=999)
    one, two = found.resampled[:, :2].mean(axis=1), found.resampled[:, 2:].mean(axis=1)
    mean, difference = found.mean([0, 1]), found.difference([2, 3], [0, 1])
    assert mean.value == pytest.approx(outcomes[:, :2].mean())
    assert (mean.low, mean.high) == pytest.approx(tuple(np.percentile(one, [2.5, 97.5])))
    assert difference.value == pytest.approx(outcomes[:, 2:].mean() - outcomes[:, :2].mean())
    expected = np.percentile(two - one, [2.5, 97.5])
    assert (difference.low, difference.high) == pytest.approx(tuple(expected))
    assert math.isnan(mean.p)
    assert difference.p == pytest.approx(2 / 1000)  # no resample is on the other side


def test_equal_systems_do_not_differ_and_paired_ones_differ_more_surely():
    before = RANDOM.random(400) < 0.5
    better = before | (np.arange(400) % 40 == 0)
    found = bootstrap(np.stack([before, before, better], axis=1), np.arange(400))
    assert found.difference([1], [0]).p == 1
    assert (found.difference([1], [0]).low, found.difference([1], [0]).high) == (0, 0)
    assert found.difference([2], [0]).p < 0.05
    apart = found.mean([2])
    assert apart.low < found.mean([0]).value  # though the two intervals overlap


def test_the_p_value_is_that_of_a_normal_test_where_that_holds():
    outcomes = np.zeros((2000, 2))
    outcomes[:220, 1] = outcomes[220:400, 0] = 1  # 220 better, 180 worse
    expected = stats.ttest_1samp(outcomes[:, 1] - outcomes[:, 0], 0).pvalue
    found = bootstrap(outcomes, np.arange(2000)).difference([1], [0])
    assert expected == pytest.approx(0.0455, abs=1e-3)
    assert found.p == pytest.approx(expected, rel=0.15)


def test_sentences_with_more_words_count_more_and_their_words_move_together():
    outcomes = np.repeat([1.0, 0.0], [90, 10])[:, None]
    tied = bootstrap(outcomes, np.repeat(np.arange(20), 5)).mean([0])
    free = bootstrap(outcomes, np.arange(100)).mean([0])
    assert tied.value == free.value == 0.9
    assert tied.high - tied.low > 2 * (free.high - free.low)
    assert (tied.items, tied.clusters, free.clusters) == (100, 20, 100)


def test_columns_count_the_same_whatever_their_items():
    outcomes = np.array([[1, np.nan], [1, np.nan], [1, np.nan], [np.nan, 0], [np.nan, 0]])
    found = bootstrap(outcomes, np.arange(5)).mean([0, 1])
    assert found.value == 0.5
    assert found.items == 5


def test_nothing_is_claimed_of_one_sentence_or_of_none():
    outcomes = np.array([[1, np.nan], [0, np.nan], [np.nan, np.nan]])
    found = bootstrap(outcomes, np.array([0, 0, 1]), resamples=100)
    one, none = found.mean([0]), found.mean([1])
    assert (one.value, one.items, one.clusters) == (0.5, 2, 1)
    assert math.isnan(one.low)
    assert (none.items, none.clusters) == (0, 0)
    assert math.isnan(none.value)
    assert math.isnan(found.difference([0], [1]).p)


def test_the_same_seed_gives_the_same_intervals():
    found = [bootstrap(OUTCOMES, CLUSTERS, resamples=99, seed=seed).resampled for seed in (1, 1, 2)]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2], equal_nan=True)


def test_prints_per_cent_half_width_and_words():
    assert str(Interval(0.4981, 0.4921, 0.5041, 21034, 1024)) == "49.8 ± 0.6 (n = 21,034)"


def test_refuses_what_cannot_be_resampled():
    with pytest.raises(PipelineError, match="0 outcomes of 0 items"):
        bootstrap(np.empty((0, 1)), np.empty(0))
    with pytest.raises(PipelineError, match="3 outcomes of 2 items"):
        bootstrap(np.ones((3, 1)), np.zeros(2))


@pytest.mark.slow
def test_the_interval_covers_the_truth_in_95_per_cent_of_simulated_cases():
    random = np.random.default_rng(1)
    cases, covered, differences, rejected = 2000, 0, 0, 0
    for case in range(cases):
        words = 1 + random.poisson(8, 200)
        sentence = np.repeat(np.arange(200), words)
        # Sentences are easy or hard for both systems; on average a word is right in half the cases.
        ease = random.beta(2, 2, 200)[sentence]
        outcomes = random.random((len(sentence), 2)) < ease[:, None]
        found = bootstrap(outcomes, sentence, resamples=1000, seed=case)
        mean, difference = found.mean([0]), found.difference([1], [0])
        covered += mean.low <= 0.5 <= mean.high
        differences += difference.low <= 0 <= difference.high
        rejected += difference.p < 0.05
    assert 0.93 <= covered / cases <= 0.97
    assert 0.93 <= differences / cases <= 0.97
    assert 0.03 <= rejected / cases <= 0.07
