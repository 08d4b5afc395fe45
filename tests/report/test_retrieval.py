import json

import pandas as pd
import pytest
from markdown import cells

from pipeline.analyses.accuracy_by_group import GROUP_COLUMNS
from pipeline.report.retrieval import (
    analyses_table,
    analysis_means,
    hubness_table,
    noncontextual_table,
    read_analyses,
    read_hubness,
    read_noncontextual,
    retrieval_rows,
    retrieval_table,
)


def write(folder, language, rows, gain=0.25):
    """Rows (analysis, bin, position, direction, words, accuracy) of base, and l2 with a gain."""
    (folder / language).mkdir(parents=True)
    frame = pd.DataFrame(columns=GROUP_COLUMNS)
    for analysis, name, position, direction, words, figure in rows:
        common = {"analysis": analysis, "bin": name, "position": position, "direction": direction}
        common |= {"words": words, "sentences": 9}
        bounds = {"low": figure - 0.02, "high": figure + 0.01}
        frame.loc[len(frame)] = common | bounds | {"method": "base", "accuracy": figure}
        bounds = {"low": figure + gain - 0.01, "high": figure + gain + 0.01}
        change = {"difference": gain, "difference_low": gain - 0.03, "difference_high": gain + 0.03}
        last = {"method": "l2", "accuracy": figure + gain, "p": 0.0002 if gain > 0.1 else 0.25}
        frame.loc[len(frame)] = common | bounds | change | last
    frame.to_csv(folder / language / "accuracies.csv", index=False)


@pytest.fixture
def analyses(tmp_path):
    de = [
        ("all", "all", 0, "to_english", 1234, 0.5),
        ("all", "all", 0, "from_english", 1234, 0.25),
        ("all", "all", 0, "mean", 1234, 0.375),
        ("contexts", "1", 1, "mean", 10, 0.5),
        ("contexts", "2–3", 2, "mean", 20, 0.25),
    ]
    el = [
        ("all", "all", 0, "to_english", 100, 0.125),
        ("contexts", "0", 0, "mean", 1000, 0.125),
        ("contexts", "0", 0, "to_english", 1000, 0.0),
        ("contexts", "2–3", 2, "mean", 40, 0.75),
    ]
    write(tmp_path, "de", de)
    write(tmp_path, "el", el, gain=0.0625)
    write(tmp_path, "old", el)
    return read_analyses(tmp_path, ["de", "el"])


def test_retrieval_has_intervals_and_differences_in_the_order_of_params(analyses):
    rows = retrieval_rows(analyses)
    assert rows["bar"].tolist()[:2] == ["de → en base", "de → en l2"]
    assert cells(retrieval_table(rows)) == [
        ["", "words", "base", "l2", "l2 − base"],
        ["de → en", "1,234", "50.0 ± 1.5", "75.0 ± 1.0", "25.0 ± 3.0 (p < 0.001)"],
        ["en → de", "1,234", "25.0 ± 1.5", "50.0 ± 1.0", "25.0 ± 3.0 (p < 0.001)"],
        ["el → en", "100", "12.5 ± 1.5", "18.8 ± 1.0", "6.2 ± 3.0 (p = 0.250)"],
        ["mean", "", "29.2", "47.9", "18.8"],
    ]


def test_a_language_that_was_not_aligned_is_marked_and_its_mean_apart(analyses):
    rows = retrieval_rows(analyses, ["el"])
    assert rows["bar"].tolist()[-1] == "el → en (not aligned) l2"
    assert cells(retrieval_table(rows, ["el"]))[3:] == [
        ["el → en (not aligned)", "100", "12.5 ± 1.5", "18.8 ± 1.0", "6.2 ± 3.0 (p = 0.250)"],
        ["mean of aligned languages", "", "37.5", "62.5", "25.0"],
        ["mean of languages that were not aligned", "", "12.5", "18.8", "6.2"],
    ]


def test_one_method_alone_has_no_difference(analyses):
    rows = retrieval_rows(analyses[analyses.method == "base"])
    assert cells(retrieval_table(rows))[0] == ["", "words", "base"]


def test_means_are_over_the_languages_that_have_the_bin_in_the_order_of_bins(analyses):
    means = analysis_means(analyses)
    assert list(means) == ["contexts"]
    assert means["contexts"].to_dict("list") == {
        "bin": ["0", "0", "1", "1", "2–3", "2–3"],
        "method": ["base", "l2"] * 3,
        "words": [1000, 1000, 10, 10, 60, 60],
        "accuracy": [0.125, 0.1875, 0.5, 0.75, 0.5, (0.5 + 0.8125) / 2],
        "bar": ["0 base", "0 l2", "1 base", "1 l2", "2–3 base", "2–3 l2"],
    }
    assert cells(analyses_table(means)) == [
        ["bin", "words", "base", "l2"],
        ["contexts: 0", "1,000", "12.5", "18.8"],
        ["contexts: 1", "10", "50.0", "75.0"],
        ["contexts: 2–3", "60", "50.0", "65.6"],
    ]


def test_hubness_by_query_and_method(tmp_path):
    for language, skewness in (("el", 2.0), ("bg", 3.0)):
        (tmp_path / language).mkdir()
        rows = pd.DataFrame(
            [
                ("to_english", "l2", skewness, 0.125),
                ("to_english", "base", 2 * skewness, 0.25),
                ("from_english", "l2", 1.0, 0.0),
                ("from_english", "base", 1.5, 0.5),
            ],
            columns=["direction", "method", "skewness", "never"],
        )
        rows.to_csv(tmp_path / language / "hubness.csv", index=False)
    rows = read_hubness(tmp_path, ["el", "bg"])
    assert rows.bar.tolist()[:2] == ["el → en l2", "el → en base"]
    assert cells(hubness_table(rows)) == [
        ["query", "skewness l2", "skewness base", "never l2", "never base"],
        ["el → en", "2.0", "4.0", "12.5", "25.0"],
        ["en → el", "1.0", "1.5", "0.0", "50.0"],
        ["bg → en", "3.0", "6.0", "12.5", "25.0"],
        ["en → bg", "1.0", "1.5", "0.0", "50.0"],
    ]


def test_context_is_compared_with_types_on_the_same_pairs(tmp_path):
    for method, gain in (("l2", 0.25), ("base", 0.0)):
        for language, pairs in (("el", 1000), ("bg", 500), ("fr", 0)):
            kinds = {"types": 0.25 + gain, "contextual_types": 0.5, "contextual": 0.375}
            figures = {"pairs": pairs, "to_english": kinds, "from_english": {**kinds, "types": 0.0}}
            file = tmp_path / method / language / "figures.json"
            file.parent.mkdir(parents=True)
            found = figures if pairs else {"pairs": 0}
            file.write_text(json.dumps({"noncontextual": found}))
    rows = read_noncontextual(tmp_path, ["l2", "base"], ["el", "bg", "fr"])
    assert rows["bar"].tolist()[1] == "el → en l2 contextual types"
    assert rows["bar"].nunique() == len(rows) == 2 * 2 * 2 * 3
    assert cells(noncontextual_table(rows)) == [
        ["method", "pairs", "types", "contextual types", "contextual"],
        ["l2", "1,500", "25.0", "50.0", "37.5"],
        ["base", "1,500", "12.5", "50.0", "37.5"],
    ]
    nothing = read_noncontextual(tmp_path, ["l2", "base"], ["fr"])
    assert list(nothing.columns) == list(rows.columns)
    assert len(cells(noncontextual_table(nothing))) == 1


def test_languages_and_methods_may_have_names_of_missing_values(tmp_path):
    names = ["nan", "None", "NA", "null", "n/a"]
    row = {"analysis": "all", "bin": "1", "direction": "mean", "accuracy": 0.5, "low": None}
    for language in ("nan", "na"):
        (tmp_path / language).mkdir()
        frame = pd.DataFrame([{**row, "method": name} for name in names])
        frame.to_csv(tmp_path / language / "accuracies.csv", index=False)
    rows = read_analyses(tmp_path, ["nan", "na"])
    assert list(rows["method"]) == 2 * names
    assert list(rows["language"].unique()) == ["nan", "na"]
    assert rows["low"].isna().all()
    assert set(rows["bin"]) == {"1"}
