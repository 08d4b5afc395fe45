"""What a report says about the paper, by params: made-up results, the real texts and charts."""

import dataclasses
import re

import pytest
from report_data import make_run, make_setting, read_params

from pipeline.report import paper_numbers as paper
from pipeline.report.page import page
from pipeline.report.paper_comparison import (
    comparison_section,
    comparison_tables,
    comparison_text,
    paper_chart,
)

PAPER = "configs/paper.yaml"
EUROPARL = {code: {"corpus": "europarl"} for code in paper.LANGUAGES}
LIMITED = {"corpus": {"name": "europarl", "max_pairs": 400_000}}
HUB = {"source": "hub", "hub": {"translated": True}}


@pytest.fixture(scope="module")
def run():
    return make_run()


def texts(run, setting, tables=None):
    """The section of report.md, the page without its scripts, and the names of its paper charts."""
    tables = run.tables if tables is None else tables
    section = comparison_section(setting, tables["retrieval"], tables["nli_summary"])
    html = page(dataclasses.replace(run, setting=setting, tables=tables))
    charts = re.findall(r'data-chart="(paper-\w+)"', html)
    return section, re.sub(r"(?s)<script.*?</script>", "", html), charts


def with_methods(params):
    """A setting for the methods of the made-up run."""
    setting = make_setting(params)
    return dataclasses.replace(
        setting, methods={name: setting.methods[name] for name in ("base", "l2")}
    )


@pytest.mark.parametrize("nli", [{}, HUB])
def test_the_papers_own_run_differs_in_nothing(run, nli):
    setting = with_methods(read_params(PAPER, nli=nli))
    assert setting.differences() == []
    section, html, charts = texts(run, setting)
    for text in (section, html):
        assert "This run has the paper" in text
        for wrong in ("other text", "not compared", "not XNLI", "In this run"):
            assert wrong not in text
    assert "Europarl v8 from OPUS" in section
    assert charts == ["paper-retrieval", "paper-inference"]
    for language in ("de", "fr"):
        before, after = (paper.RETRIEVAL[size][language] for size in (0, paper.FULL_SIZE))
        assert f"{before}" in section
        assert f"{after}" in section


def test_the_default_run_is_not_beside_the_paper(run):
    section, html, charts = texts(run, make_setting(read_params()))
    assert section == ""
    assert charts == []
    assert "Compared with the paper" not in html
    assert "the hand-written sample (not XNLI)" in html


def test_each_half_is_compared_on_its_own(run):
    """Europarl with the sample, and interface texts with XNLI."""
    section, html, charts = texts(run, make_setting(read_params(languages=EUROPARL)))
    assert charts == ["paper-retrieval"]
    assert "Inference is not compared, since it is on the hand-written sample (not XNLI)" in section
    assert "Inference beside the paper" not in section
    assert "Inference: this run and the paper" not in html
    section, html, charts = texts(run, make_setting(read_params(nli={"source": "xnli"})))
    assert charts == ["paper-inference"]
    assert "Retrieval is not compared, since the text is different" in section
    assert "the text of bg, de, el, es, fr is software" in section
    assert "Europarl v8" not in section


@pytest.mark.parametrize(
    ("blocks", "clause"),
    [
        (
            {"encoder": {"name": "FacebookAI/xlm-roberta-base", "revision": "0" * 40}},
            "the encoder is FacebookAI/xlm-roberta-base",
        ),
        ({"encoder": {"name": "e5-small", "revision": None}}, "the encoder is e5-small"),
        (
            {"languages": {**EUROPARL, "de": {"corpus": "ted2020"}}},
            "the text of de is ted2020",
        ),
        (
            {"languages": {**EUROPARL, "de": {"corpus": ["europarl", "file:own.tsv"]}}},
            "the text of de is europarl and file:own.tsv",
        ),
        (
            {"languages": {**EUROPARL, "ru": {"corpus": "software"}}},
            "the aligned languages are bg, de, el, es, fr, ru; the text of ru is software",
        ),
        (
            {"languages": {**EUROPARL, "de": {"corpus": "europarl", "align": False}}},
            "the aligned languages are bg, el, es, fr",
        ),
        (
            {"align": {"defaults": {"sentences": 50_000}}},
            "l2 had up to 50,000 sentence pairs per language",
        ),
        ({"align": {"l2": {"objective": "contrastive"}}}, "the objective of l2 is contrastive"),
        ({"align": {"l2": {"epochs": 2}}}, "align.l2.epochs is 2, not 1"),
        (
            {"align": {"defaults": {"learning_rate": 1e-4}}},
            "align.l2.learning_rate is 0.0001, not 5e-05",
        ),
        ({"tokenize": {"min_characters": 0}}, "tokenize.min_characters is 0, not 100"),
        ({"tokenize": {"min_words": 4}}, "tokenize.min_words is 4, not 1"),
        ({"word_align": {"backend": "eflomal"}}, "word_align.backend is eflomal, not fast_align"),
        ({"pairs": {"identical": True}}, "pairs.identical is true, not false"),
        ({"nli": {"test": 600}}, "600 of XNLI's 5,010 test examples were used"),
        ({"nli": {"train": 3_000}}, "fine-tuning is on 3,000 of MultiNLI's 392,702 examples"),
        (
            {"nli": {"xnli": {"train": "file:multinli_1.0.zip"}}},
            "fine-tuning is on examples that are not known to be MultiNLI's",
        ),
        ({"xnli": {"tuning": {"epochs": 1}}}, "xnli.tuning.epochs is 1, not 3"),
    ],
)
def test_a_difference_is_named_and_nothing_else_is(blocks, clause):
    setting = with_methods(read_params(PAPER, **blocks))
    assert "; ".join(setting.differences()) == clause
    text = comparison_text(setting, ceiling=False)
    assert f"In this run {clause}: compare gains, not absolute values." in text
    assert "This run has the paper" not in text


def test_limits_of_a_corpus_leave_it_the_papers():
    limited = {"languages": {**EUROPARL, "de": LIMITED}}
    assert with_methods(read_params(PAPER, **limited)).differences() == []


def test_fewer_pairs_than_params_allow_are_named():
    setting = with_methods(read_params(PAPER))
    few = dataclasses.replace(setting, pairs={**setting.pairs, "bg": 190_000})
    clause = "l2 had 190,000 to 250,000 sentence pairs per language"
    assert few.differences() == [clause]


@pytest.mark.parametrize(
    "nli",
    [
        {"source": "hub", "hub": {"translated": True, "revision": "0" * 40}},
        {"source": "hub", "hub": {"translated": True, "dataset": "somebody/xnli"}},
        {"xnli": {"test": "https://mirror.example/XNLI-1.0.zip"}},
        {
            "source": "files",
            "files": dict.fromkeys(("train", "dev", "test", "translated"), "file:{language}.tsv"),
        },
    ],
)
def test_what_is_not_known_to_be_xnli_is_not_beside_it(run, nli):
    setting = with_methods(read_params(PAPER, nli=nli))
    section, html, charts = texts(run, setting)
    assert charts == ["paper-retrieval"]
    assert f"Inference is not compared, since it is on {setting.data.name}." in section
    assert "On XNLI" not in html


def test_only_aligned_languages_of_the_paper_are_beside_it(run):
    """German was not aligned here, as it was in the paper."""
    languages = {**EUROPARL, "de": {"corpus": "europarl", "align": False}}
    setting = with_methods(read_params(PAPER, languages=languages))
    tables = comparison_tables(setting, run.tables["retrieval"], run.tables["nli_summary"])
    assert list(tables["Retrieval"].columns) == ["accuracy, %", "bg", "el", "es", "fr"]
    assert list(tables["Inference"].columns) == ["accuracy, %", "en", "bg", "el", "es", "fr"]


def test_without_a_language_of_the_paper_nothing_is_compared():
    params = read_params(
        PAPER, languages={"ru": {"corpus": "multiun"}}, xnli={"translate_train": []}
    )
    assert comparison_text(make_setting(params), ceiling=False) == ""


@pytest.mark.parametrize("methods", [["l2", "contrastive"], ["base"]])
def test_without_before_and_after_nothing_is_compared(methods):
    params = read_params(PAPER, methods=methods, release={"method": methods[0]})
    assert comparison_text(make_setting(params), ceiling=True) == ""


def test_translate_train_is_beside_ours_only_where_it_was_run(run):
    setting = with_methods(read_params(PAPER))
    section, html, _ = texts(run, setting)
    ours = run.tables["nli_summary"].query("method == 'translate-train' and language == 'de'")
    table = comparison_tables(setting, run.tables["retrieval"], run.tables["nli_summary"])
    rows = table["Inference"].set_index("accuracy, %")
    assert rows.loc["multilingual BERT, translate-train", "de"] == 75.9
    found = rows.loc["this run, translate-train", "de"]
    assert found == pytest.approx(100 * ours["accuracy"].item())
    assert rows.loc["this run, translate-train", ["en", "fr"]].isna().all()
    for text in (section, html):
        assert "multilingual BERT, translate-train" in text
        assert "are those of BERT" in text
    summary = run.tables["nli_summary"].query("method != 'translate-train'")
    for text in texts(run, setting, {**run.tables, "nli_summary": summary})[:2]:
        assert "multilingual BERT, translate-train" not in text
        assert "Translate-train of" not in text


def test_a_chart_has_the_figures_before_and_after():
    ours = {"base": {"de": 1.0, "ru": 2.0}, "l2": {"de": 3.0, "ru": 4.0}}
    theirs = {0: {"de": 26.1}, 250_000: {"de": 51.3}}
    chart = paper_chart("x", "x", ours, theirs, {"l2": "#123456"})
    assert chart.table.values.tolist() == [
        ["de", "the paper", 26.1, 51.3],
        ["de", "this run, l2", 1.0, 3.0],
    ]
    assert paper_chart("x", "x", {"base": ours["base"]}, theirs, {}) is None
    assert paper_chart("x", "x", {m: {"ru": 1.0} for m in ours}, theirs, {}) is None
