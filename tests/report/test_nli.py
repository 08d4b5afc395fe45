import re
from statistics import mean, stdev

import numpy as np
import pandas as pd
import pytest
from markdown import cells
from scipy import stats

from pipeline.common.errors import PipelineError
from pipeline.nli.labels import LABELS
from pipeline.report.nli import (
    CEILING,
    accuracy_rows,
    mcnemar_rows,
    mcnemar_table,
    read_predictions,
    sections,
    summary_rows,
    summary_table,
    tables,
)
from pipeline.report.tables import REPORT_TEXT

METHODS = ["base", "l2"]
SEEDS = [1, 2]
IDS = np.repeat(np.arange(100, 400), 3)  # three hypotheses an example, as in the sample
LABEL = np.tile(LABELS, 300)


def write(path, right_by_language):
    """Predictions whose largest logit is the label's where they are right."""
    frames = []
    for language, right in right_by_language.items():
        count = len(right)
        label = LABEL[:count]
        answer = np.array([LABELS.index(each) for each in label]) + ~right
        logits = np.eye(3, dtype=np.float32)[answer % 3]
        frame = pd.DataFrame(logits - 5, columns=list(LABELS))
        frames.append(frame.assign(id=IDS[:count], language=language, label=label))
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.concat(frames).to_parquet(path, index=False)


def draw(seed, share, count=900):
    return np.random.default_rng(seed).random(count) < share


RIGHT = {
    ("base", 1): {"en": draw(1, 0.7), "de": draw(2, 0.5), "bg": draw(3, 0.45)},
    ("base", 2): {"en": draw(4, 0.7), "de": draw(5, 0.52), "bg": draw(6, 0.4)},
    ("l2", 1): {"en": draw(7, 0.7), "de": draw(8, 0.6), "bg": draw(9, 0.43)},
    ("l2", 2): {"en": draw(10, 0.68), "de": draw(11, 0.57), "bg": draw(12, 0.42)},
}
TRANSLATED = {("de", 1): {"de": draw(13, 0.8)}, ("de", 2): {"de": draw(14, 0.7)}}


def read(folder, right=RIGHT, translated=TRANSLATED):
    for (name, seed), languages in right.items():
        write(folder / name / f"{seed}.parquet", languages)
    for (name, seed), languages in translated.items():
        write(folder / "translate_train" / name / f"{seed}.parquet", languages)
    return tuple(
        read_predictions({name: place / name for name, _ in runs}, SEEDS)
        for place, runs in ((folder, right), (folder / "translate_train", translated))
    )


@pytest.fixture
def predictions(tmp_path):
    return read(tmp_path)


@pytest.fixture
def summary(predictions):
    return summary_rows(*predictions).set_index(["language", "method"])


def accuracies(method, languages, right=RIGHT):
    return [mean(right[method, seed][each].mean() for each in languages) for seed in SEEDS]


def test_what_is_right_is_read_from_the_logits(predictions):
    zero_shot, translated = predictions
    for (method, seed), languages in RIGHT.items():
        rows = zero_shot[(zero_shot.method == method) & (zero_shot.seed == seed)]
        for language, right in languages.items():
            found = rows[rows.language == language]
            np.testing.assert_array_equal(found.right, right)
            np.testing.assert_array_equal(found.id, IDS)
            np.testing.assert_array_equal(found.row, np.arange(900))
    assert set(translated.method) == {"de"}


def test_accuracy_by_method_seed_and_language(predictions):
    rows = accuracy_rows(*predictions)
    assert len(rows) == 14 == rows.bar.nunique()
    found = rows.set_index("bar").accuracy
    assert found["de base 2"] == pytest.approx(RIGHT["base", 2]["de"].mean())
    assert found["de translate-train 1"] == pytest.approx(TRANSLATED["de", 1]["de"].mean())


def test_mean_and_standard_deviation_are_over_seeds(summary):
    groups = {each: [each] for each in ("en", "de", "bg")}
    groups |= {"mean": ["en", "de", "bg"], "mean without en": ["de", "bg"]}
    for name, languages in groups.items():
        for method in METHODS:
            expected = accuracies(method, languages)
            found = summary.loc[name, method]
            assert found.accuracy == pytest.approx(mean(expected))
            assert found.deviation == pytest.approx(stdev(expected))
            assert found.runs == 2
    assert list(summary.index.unique("language")) == ["en", "bg", "de", "mean", "mean without en"]


@pytest.mark.parametrize(
    ("name", "languages"),
    [("de", ["de"]), ("mean", ["en", "bg", "de"]), ("mean without en", ["bg", "de"])],
)
def test_differences_are_those_of_another_bootstrap_over_the_same_examples(
    summary, name, languages
):
    gain = [
        RIGHT["l2", seed][language] * 1.0 - RIGHT["base", seed][language]
        for seed in SEEDS
        for language in languages
    ]
    by_example = np.mean(gain, axis=0).reshape(300, 3).mean(axis=1)
    other = stats.bootstrap(
        (by_example,), np.mean, method="percentile", n_resamples=9999, rng=np.random.default_rng(1)
    ).confidence_interval
    found = summary.loc[name, "l2"]
    assert found.difference == pytest.approx(by_example.mean())
    assert found.difference_low == pytest.approx(other.low, abs=0.002)
    assert found.difference_high == pytest.approx(other.high, abs=0.002)
    p = stats.ttest_1samp(by_example, 0).pvalue
    assert found.p == pytest.approx(p, rel=0.3, abs=0.002)
    assert np.isnan(summary.loc[name, "base"].difference)


def test_the_gap_closed_where_there_is_a_ceiling(summary):
    base, aligned = (mean(accuracies(method, ["de"])) for method in METHODS)
    ceiling = mean(accuracies("de", ["de"], TRANSLATED))
    assert summary.loc["de", CEILING].accuracy == pytest.approx(ceiling)
    assert summary.loc["de", "l2"].gap_closed == pytest.approx((aligned - base) / (ceiling - base))
    assert summary.gap_closed.notna().sum() == 1
    assert CEILING not in summary.loc["mean"].index


def test_the_gap_of_a_mean_needs_the_ceiling_of_each_of_its_languages(tmp_path):
    translated = {**TRANSLATED, ("bg", 1): {"bg": draw(15, 0.7)}, ("bg", 2): {"bg": draw(16, 0.7)}}
    found = summary_rows(*read(tmp_path, RIGHT, translated)).set_index(["language", "method"])
    base, aligned = (mean(accuracies(method, ["bg", "de"])) for method in METHODS)
    ceiling = mean([*accuracies("de", ["de"], translated), *accuracies("bg", ["bg"], translated)])
    expected = (aligned - base) / (ceiling - base)
    assert found.loc["mean without en", "l2"].gap_closed == pytest.approx(expected)
    assert np.isnan(found.loc["mean", "l2"].gap_closed)


def test_mcnemar_by_language_and_seed(predictions):
    rows = mcnemar_rows(predictions[0]).set_index(["language", "method", "seed"])
    assert list(rows.index.unique("language")) == ["en", "bg", "de"]
    assert list(rows.index.unique("method")) == ["l2"]
    for seed in SEEDS:
        for language in ("en", "bg", "de"):
            base, aligned = (RIGHT[method, seed][language] for method in METHODS)
            first_only, method_only = int((base & ~aligned).sum()), int((aligned & ~base).sum())
            found = rows.loc[language, "l2", seed]
            assert (found.first_only, found.method_only) == (first_only, method_only)
            expected = stats.binomtest(first_only, first_only + method_only).pvalue
            assert found.p == pytest.approx(expected)


def test_the_markdown_tables(tmp_path):
    half, most = np.arange(9) % 2 == 0, np.arange(9) > 0  # 5 and 8 of 9 are right
    right = {(name, seed): {"de": half, "en": most} for name in METHODS for seed in SEEDS}
    right["l2", 2] = {"de": most, "en": most}
    every = np.ones(9, bool)
    translated = {("de", seed): {"de": every} for seed in SEEDS}
    found = tables(*read(tmp_path, right, translated), resamples=200)
    assert list(found) == ["nli", "nli_summary", "nli_mcnemar"]
    header, english, german, average = cells(summary_table(found["nli_summary"]))
    columns = ["language", "examples", "base", "l2", "l2 − base", CEILING, "gap closed by l2"]
    assert header == columns
    unchanged = "0.0 [0.0, 0.0] (p = 1.000)"
    assert english == ["en", "9", "88.9 ± 0.0", "88.9 ± 0.0", unchanged, "", ""]
    assert german[:4] == ["de", "9", "55.6 ± 0.0", "72.2 ± 23.6"]
    assert german[4].startswith("16.7 [")
    assert german[5:] == ["100.0 ± 0.0", "37.5"]
    assert average[:4] == ["mean", "9", "72.2 ± 0.0", "80.6 ± 11.8"]
    assert cells(mcnemar_table(found["nli_mcnemar"])) == [
        ["language", "l2, seed 1", "l2, seed 2"],
        ["en", "0 : 0 (p = 1.000)", "0 : 0 (p = 1.000)"],
        ["de", "0 : 0 (p = 1.000)", "1 : 4 (p = 0.375)"],
    ]


def test_one_method_and_one_seed_have_neither_difference_nor_deviation(tmp_path):
    write(tmp_path / "base" / "1.parquet", {"en": np.arange(4) > 0})
    zero_shot = read_predictions({"base": tmp_path / "base"}, [1])
    found = tables(zero_shot, read_predictions({}, [1]))
    assert cells(summary_table(found["nli_summary"])) == [
        ["language", "examples", "base"],
        ["en", "4", "75.0"],
        ["mean", "4", "75.0"],
    ]
    assert found["nli_mcnemar"].empty
    assert mcnemar_table(found["nli_mcnemar"]) == "There is only one method."


def test_the_sections_have_places_in_the_report(predictions):
    said = sections(tables(*predictions, resamples=50), "XNLI")
    assert said["data"] == "XNLI"
    assert set(re.findall(r"{(\w+)}", REPORT_TEXT)) >= set(said)


def test_languages_that_were_not_aligned_have_a_mean_of_their_own(predictions):
    found = tables(*predictions, ["bg"], resamples=50)
    rows = found["nli_summary"].set_index(["language", "method"])
    means = ["mean of aligned languages", "mean of languages that were not aligned"]
    assert list(rows.index.unique("language")) == ["en", "bg", "de", *means]
    for name, language in zip(means, ("de", "bg"), strict=True):
        for method in METHODS:
            assert rows.loc[name, method].accuracy == rows.loc[language, method].accuracy
        assert rows.loc[name, "l2"].difference == rows.loc[language, "l2"].difference
    assert "bg (not aligned) base 1" in set(found["nli"]["bar"])
    said = sections(found, "XNLI", ["bg"])
    shown = [line[0] for line in cells(said["nli"])]
    assert shown == ["language", "en", "bg (not aligned)", "de", *means]
    assert [line[0] for line in cells(said["mcnemar"])][2] == "bg (not aligned)"


def test_methods_that_were_tested_on_other_examples_are_refused(tmp_path):
    fewer = {**RIGHT, ("l2", 2): {**RIGHT["l2", 2], "de": RIGHT["l2", 2]["de"][:-3]}}
    with pytest.raises(PipelineError, match="not tested on the same examples: run"):
        summary_rows(*read(tmp_path, fewer))
