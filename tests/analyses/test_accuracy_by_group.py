import numpy as np
import pandas as pd
import pytest
from tiny import build

from pipeline.analyses.accuracy_by_group import (
    GROUP_COLUMNS,
    group_accuracies,
    hubness_by_method,
    training_pairs,
)
from pipeline.analyses.word_groups import Bins
from pipeline.common.errors import PipelineError

RANDOM = np.random.default_rng(0)
PAIRS = 400
SENTENCE = np.arange(PAIRS) // 4
METHODS = ["base", "l2", "rotation"]
RANKS = {
    method: pd.DataFrame(
        {
            f"{direction}_rank": RANDOM.geometric(p, PAIRS) - 1
            for direction in ("to_english", "from_english")
        }
    )
    for method, p in zip(METHODS, (0.3, 0.6, 0.31), strict=True)
}
LABELS = RANDOM.choice(np.array(["few", "many"], object), (2, PAIRS), p=[0.3, 0.7])
BINS = {"size": Bins(["few", "none", "many"], *LABELS)}
FOUND = group_accuracies(RANKS, SENTENCE, BINS, 2000, 1)


def rights(method, direction, name):
    row = ("to_english", "from_english").index(direction)
    chosen = LABELS[row] == name
    return (RANKS[method][f"{direction}_rank"].to_numpy() == 0)[chosen]


@pytest.mark.parametrize("name", ["few", "many"])
@pytest.mark.parametrize("method", METHODS)
def test_accuracies_equal_plain_means(method, name):
    rows = FOUND[(FOUND.analysis == "size") & (FOUND.bin == name) & (FOUND.method == method)]
    rows = rows.set_index("direction")
    values = {each: rights(method, each, name) for each in ("to_english", "from_english")}
    for direction, right in values.items():
        assert rows.accuracy[direction] == pytest.approx(right.mean())
        assert rows.words[direction] == len(right)
    assert rows.accuracy["mean"] == pytest.approx(np.mean([v.mean() for v in values.values()]))
    assert rows.words["mean"] == np.sum((name == LABELS).any(axis=0))
    if method != "base":
        gain = rows.accuracy - [
            *(rights("base", each, name).mean() for each in values),
            np.mean([rights("base", each, name).mean() for each in values]),
        ]
        assert rows.difference.tolist() == pytest.approx(gain.tolist())


def test_the_whole_set_is_an_analysis():
    whole = FOUND[FOUND.analysis == "all"]
    assert whole.bin.unique().tolist() == ["all"]
    assert set(whole.words) == {PAIRS}
    assert set(whole.sentences) == {100}


def test_intervals_hold_the_value_and_are_wider_where_there_are_fewer_words():
    assert ((FOUND.low <= FOUND.accuracy) & (FOUND.accuracy <= FOUND.high)).all()
    rows = FOUND[(FOUND.direction == "to_english") & (FOUND.method == "l2")].set_index("bin")
    width = rows.high - rows.low
    assert width["few"] > width["many"] > width["all"]


def test_a_gain_is_distinguished_from_noise():
    rows = FOUND[(FOUND.analysis == "all") & (FOUND.direction == "mean")].set_index("method")
    assert rows.p["l2"] < 0.001
    assert rows.difference_low["l2"] > 0
    assert rows.p["rotation"] > 0.05
    assert rows.loc["base", ["difference", "p"]].isna().all()


def test_rows_come_in_the_order_of_bins_and_methods_and_none_are_empty():
    assert list(FOUND.columns) == GROUP_COLUMNS
    rows = FOUND[FOUND.analysis == "size"]
    assert rows.bin.unique().tolist() == ["few", "many"]
    assert rows.position.unique().tolist() == [0, 2]
    assert rows.direction.unique().tolist() == ["to_english", "from_english", "mean"]
    assert rows.method.unique().tolist() == METHODS


def test_refuses_methods_that_were_measured_on_other_pairs():
    with pytest.raises(PipelineError, match="base, l2 and the word pairs differ in number"):
        group_accuracies({"base": RANKS["base"], "l2": RANKS["l2"].head(9)}, SENTENCE, {}, 9, 1)


def test_hubness_of_each_direction_and_method():
    even = pd.DataFrame({"to_english_near": [2, 2, 2, 2], "from_english_near": [8, 0, 0, 0]})
    found = hubness_by_method({"base": even, "l2": even[::-1]})
    assert found[["direction", "method"]].to_numpy().tolist() == [
        ["to_english", "base"],
        ["to_english", "l2"],
        ["from_english", "base"],
        ["from_english", "l2"],
    ]
    assert found.never.tolist() == [0, 0, 0.75, 0.75]
    assert found.skewness[2] > 1 > found.skewness[0] == 0


def test_training_pairs_are_those_of_the_sentences_that_were_trained():
    split, table = build("de")["train"]
    pairs = table.to_pandas()
    rows = [1, 4, 7]
    lines = np.unique(pairs.line)[rows]
    found = training_pairs(pairs, split, split.take(rows))
    assert 0 < len(found) < len(pairs)
    assert found.equals(pairs[pairs.line.isin(lines)])
