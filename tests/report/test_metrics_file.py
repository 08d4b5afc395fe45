"""The figures of metrics.json, of hand-made tables."""

import json
import math

import pandas as pd
import pytest
from dvc.compare import show_metrics

from pipeline.report.headline import HEADLINE_COLUMNS
from pipeline.report.metrics_file import KEYS, headline_metrics
from pipeline.report.nli import SUMMARY
from stages.values import TAKEN

BASE = {"method": "base", "accuracy": 0.6004, "low": 0.59, "high": 0.61}
L2 = {"method": "l2", "accuracy": 0.7512, "difference": 0.1508, "p": 0.0002}
L2 |= {"difference_low": 0.141, "difference_high": 0.163}
CONTRASTIVE = {**L2, "method": "contrastive", "accuracy": 0.8}
# By method: two directions each of two languages.
RETRIEVAL = {"base": (0.5, 0.6, 0.61, 0.69), "l2": (0.7, 0.8, 0.703, 0.801)}


def headline(*rows):
    return pd.DataFrame(rows, columns=HEADLINE_COLUMNS)


def by_direction(figures, languages=("de", "tr"), **columns):
    rows = [
        {"language": languages[place // 2], "method": method, "accuracy": figure, **columns}
        for method, accuracies in figures.items()
        for place, figure in enumerate(accuracies)
    ]
    return pd.DataFrame(rows)


def error_rates(*rows):
    return pd.DataFrame(rows, columns=["language", "gold", "aligner", "aer"])


def inference(*rows):
    columns = ["language", "method", "accuracy", "difference", "p"]
    frame = pd.DataFrame(rows, columns=columns).reindex(columns=SUMMARY)
    return frame.astype({"difference": float, "p": float})


TABLES = {
    "retrieval": by_direction(RETRIEVAL),
    "gold": error_rates(
        ("de", "de", "word_align", 0.9),
        ("de", "de", "l2", 0.1),
        ("de", "europarl", "l2", 0.2),
        ("tr", "tr", "l2", 0.4),
        ("tr", "tr", "base", 0.9),
    ),
    "nli_summary": inference(
        ("mean", "l2", 0.9, 0.9, 0.9),
        ("mean without en", "base", 0.7, None, None),
        ("mean without en", "l2", 0.69961, -0.0004, 0.44761),
        ("mean without en", "translate-train", 0.9, None, None),
    ),
    "gold_retrieval": by_direction({"l2": (0.8, 0.9, 0.7, 0.8), "base": (0, 0, 0, 0)}),
    "sentences": pd.concat(
        [
            by_direction({"base": (0.1,) * 4, "l2": (0.98, 0.97, 0.96, 0.95)}, similarity="margin"),
            by_direction({"l2": (0.1,) * 4}, similarity="cosine"),
        ]
    ),
}


def test_the_figures_are_those_of_the_first_method_that_aligns():
    figures = headline_metrics(headline(BASE, L2), TABLES)
    assert figures == {
        "words": 75.1,
        "gain": 15.1,
        "gain_ci": 1.1,  # half of 16.3 - 14.1
        "langs": "de 75.0\ntr 75.2",
        "gold": 80.0,
        "aer": 27.5,  # German has two gold sets, and weighs as much as Turkish
        "xsim": 3.5,
        "nli": 70.0,
        "nli_gain": 0.0,
        "nli_p": 0.45,
    }
    assert tuple(figures) == KEYS
    assert math.copysign(1, figures["nli_gain"]) == 1


def test_other_methods_are_under_their_names_which_no_key_takes():
    figures = headline_metrics(headline(BASE, L2, CONTRASTIVE), TABLES)
    assert figures.pop("contrastive") == 80.0
    assert figures == headline_metrics(headline(BASE, L2), TABLES)
    assert set(KEYS) - {"langs"} <= set(TAKEN)
    assert "langs" in TAKEN


def test_what_a_run_has_not_measured_is_no_key():
    few = {
        "retrieval": by_direction({"base": RETRIEVAL["base"]}),
        "gold": error_rates(),
        "nli_summary": inference(("mean", "l2", 0.9, 0.9, 0.9)),
    }
    figures = headline_metrics(headline(BASE), few)
    assert figures == {"words": 60.0, "langs": "de 55.0\ntr 65.0"}
    untested = {**few, "nli_summary": inference()}
    assert headline_metrics(headline(BASE), untested) == figures


def test_one_method_has_its_accuracies_without_a_gain():
    tables = {**TABLES, "nli_summary": inference(("mean", "base", 0.7, None, None))}
    figures = headline_metrics(headline(BASE), tables)
    assert (figures["words"], figures["nli"], figures["aer"]) == (60.0, 70.0, 90.0)
    assert [key for key in figures if "gain" in key or key == "nli_p"] == []
    json.dumps(figures, allow_nan=False)


@pytest.mark.parametrize("apart", [["tr"], ["de"]])
def test_languages_that_were_not_aligned_are_in_parentheses_and_in_no_mean(apart):
    mean = "mean of aligned languages"
    tables = {**TABLES, "nli_summary": inference((mean, "l2", 0.6, 0.1, 0.01))}
    figures = headline_metrics(headline(BASE, L2), tables, apart)
    lines = {
        "tr": ("de 75.0\n(tr 75.2)", 15.0, 85.0, 2.5),
        "de": ("(de 75.0)\ntr 75.2", 40.0, 75.0, 4.5),
    }
    keys = ("langs", "aer", "gold", "xsim")
    assert tuple(figures[key] for key in keys) == lines[apart[0]]
    assert figures["nli"] == 60.0


def test_dvc_shows_five_languages_and_three_methods_in_120_columns(capsys):
    codes = ("bg", "de", "el", "es", "fr")
    retrieval = by_direction({"base": (0.5,) * 10, "l2": (0.8,) * 10}, codes)
    summary = inference(("mean without en", "l2", 0.705, -0.101, 0.00020))
    tables = {**TABLES, "retrieval": retrieval, "nli_summary": summary}
    figures = headline_metrics(headline(BASE, L2, CONTRASTIVE), tables)
    assert set(figures) == {*KEYS, "contrastive"}
    show_metrics({"": {"data": {"metrics.json": {"data": figures}}}})
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert "metrics.json" in lines[1]
    assert max(map(len, lines)) <= 120
    assert len(lines) == 1 + len(codes)
