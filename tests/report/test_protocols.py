"""Both protocols, and how many pairs are right."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from markdown import cells
from report_data import make_analyses, make_retrieved, make_test

from pipeline.judge.finders import KINDS
from pipeline.report.protocols import (
    disagreement_text,
    precision_table,
    precision_text,
    protocol_means,
    protocol_rows,
    protocol_table,
    shift_table,
)

TESTS = {"de": make_test("de"), "fr": make_test("fr")}
RETRIEVED = {
    code: make_retrieved(test, ("base", "l2"), seed)
    for seed, (code, test) in enumerate(TESTS.items())
}


def accuracy(rows, method):
    """The mean over languages and directions of some rows of each language, written plainly."""
    shares = [
        (RETRIEVED[code][method].outcomes[f"{direction}_rank"].to_numpy()[of_language] == 0).mean()
        for code, of_language in rows.items()
        for direction in ("to_english", "from_english")
    ]
    return np.mean(shares)


@pytest.fixture(scope="module")
def means():
    return protocol_means(TESTS, RETRIEVED, (), 200, 1)


def test_agreed_pairs_are_a_subset_of_the_queries_and_random_ones_are_as_many(means):
    agreed = {code: np.flatnonzero(test.found_by == "both") for code, test in TESTS.items()}
    every = {code: np.arange(len(test.pairs)) for code, test in TESTS.items()}
    assert list(means) == list(KINDS)
    for kind, rows in (("agreed", agreed), ("all", every)):
        (frame,) = means[kind].values()
        for row in frame.to_dict("records"):
            assert row["accuracy"] == pytest.approx(accuracy(rows, row["method"]))
            assert row["words"] == sum(map(len, rows.values()))
    (random,) = means["random"].values()
    assert random["words"].iloc[0] == means["agreed"]["all languages"]["words"].iloc[0]


def test_rows_of_each_kind_of_pairs_are_those_of_the_analyses(means):
    rows = protocol_rows(make_analyses(TESTS, RETRIEVED))
    assert rows["pairs"].unique().tolist() == list(KINDS)
    for kind, groups in means.items():
        of_kind = rows[rows["pairs"] == kind].groupby("method")["accuracy"].mean()
        (frame,) = groups.values()
        expected = frame.set_index("method")["accuracy"]
        assert of_kind[expected.index].tolist() == pytest.approx(expected.tolist())


def test_the_table_has_a_row_for_each_kind_of_pairs(means):
    head, *body = cells(protocol_table(means))
    assert head == ["pairs", "words", "base", "l2", "l2 − base"]
    assert [row[0] for row in body] == [*KINDS.values()]


def test_if_the_aligners_agree_on_no_pair_of_a_language_all_pairs_come_first():
    assert disagreement_text(TESTS) == ""
    nothing = replace(TESTS["fr"], found_by=np.full(len(TESTS["fr"].pairs), "neither", object))
    tests = {**TESTS, "fr": nothing}
    assert list(protocol_means(tests, RETRIEVED, (), 200, 1)) == ["all"]
    assert "agree on no test pair of fr, so all pairs come first" in disagreement_text(tests)


def precision(**shares):
    rows = [
        (code, "set", kind, 48, 90, 0.75, share, share - 0.1, share + 0.05)
        for kind, by_language in shares.items()
        for code, share in by_language.items()
    ]
    columns = ["language", "gold", "pairs", "sentences", "links", "share", "precision"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high"])


def test_the_report_says_how_many_pairs_are_right():
    rows = precision(all={"de": 0.8, "fr": 0.9}, agreed={"de": 0.95, "fr": 0.97})
    text = precision_text(rows)
    assert "85.0 % of pairs made like these are right, and 96.0 % of those" in text
    assert cells(precision_table(rows))[1] == [
        "de",
        "80.0 [70.0, 85.0]",
        "95.0 [85.0, 100.0]",
        "75",
    ]
    one_sentence = rows.assign(low=np.nan, high=np.nan)
    assert cells(precision_table(one_sentence))[1] == ["de", "80.0", "95.0", "75"]
    assert "agree on none" in precision_text(precision(all={"de": 0.8}))
    assert "no gold set" in precision_text(precision())
    assert precision_table(precision()) == ""


def test_the_shift_is_shown_for_classes_and_frequencies():
    rows = pd.DataFrame(
        [("class", "open", 0.5, 0.6), ("length", "1–5", 1.0, 1.0)],
        columns=["analysis", "bin", "all", "agreed"],
    )
    assert cells(shift_table(rows)) == [
        ["", "all pairs", "agreed pairs"],
        ["class: open", "50.0", "60.0"],
    ]
    assert shift_table(rows[1:]) == "The aligners agree on no pairs."
