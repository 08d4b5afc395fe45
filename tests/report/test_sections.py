import re

import pandas as pd
import pytest

from pipeline.report.browser import unpack
from pipeline.report.sections import (
    layer_parts,
    nli_parts,
    query_parts,
    retrieval_parts,
    text_parts,
)
from pipeline.report.tables import REPORT_TEXT

METHODS, LANGUAGES = ["base", "l2"], ["de", "fr"]
RUNS = {"xnli": METHODS, "continual": ["l2"], "translate_train": ["de"]}
# What pipeline.report.contents adds.
PLACES = ["pairs", "paper", "precision", "protocols", "retrieval", "right", "shift"]
TABLES = ["precision", "retrieval", "training"]


@pytest.fixture(scope="module")
def parts(finished):
    """Those of a finished run."""
    names = ("analyses", "retrieval", "xnli", "tokenize", "word_align")
    analyses, retrieval, xnli, tokenize, word_align = (
        finished / "artifacts" / name for name in names
    )
    return (
        retrieval_parts(analyses, retrieval, METHODS, LANGUAGES),
        nli_parts(xnli, RUNS, [1], "XNLI", {"resamples": 50, "seed": 1}),
        text_parts(tokenize, word_align, retrieval, METHODS, iter(LANGUAGES)),
        layer_parts(retrieval, METHODS, LANGUAGES),
        query_parts(analyses, iter(LANGUAGES)),
    )


def test_the_parts_fill_every_place_of_the_report_once(parts):
    places = [*PLACES, *(place for sections, _ in parts for place in sections)]
    assert sorted(places) == sorted(re.findall(r"{(\w+)}", REPORT_TEXT))


def test_the_tables_are_those_that_the_step_writes(parts, finished):
    folder = finished / "artifacts" / "report"
    names = [name for _, tables in parts for name in tables]
    written = [path.relative_to(folder).with_suffix("") for path in folder.rglob("*.csv")]
    written = [name for name in written if name.parts[0] != "tables"]  # those of the charts
    assert sorted([*names, *TABLES]) == sorted(map(str, written))
    assert set(parts[1][1]["nli"]["method"]) >= {"base", "l2", "l2 continual"}
    for name, table in parts[2][1].items():
        pd.testing.assert_frame_equal(
            pd.read_csv(folder / f"{name}.csv"), table, check_dtype=False, obj=name
        )


def test_the_step_writes_the_files_that_the_page_holds(finished):
    folder = finished / "artifacts" / "report"
    html = (folder / "index.html").read_text("utf-8")
    packed = re.search('id="chart-files">(.+?)</script>', html).group(1)
    written = {path.name: path.read_text("utf-8") for path in (folder / "tables").iterdir()}
    assert unpack(packed) == written
    assert {"retrieval.csv", "retrieval.tex", "inference.csv"} <= set(written)
