import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import vl_convert
from report_data import make_run

from pipeline.report import figures
from pipeline.report.browser import language_data, pack, pack_all, unpack
from pipeline.report.charts import PALETTE, colours, thinned
from pipeline.report.page import cells, page, signed, title


class Reader(HTMLParser):
    """Elements with their attributes, and the rows of each table."""

    def __init__(self):
        super().__init__()
        self.elements, self.tables, self.cell = [], [], False

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")
        self.cell = tag in ("th", "td")

    def handle_endtag(self, tag):
        self.cell = False

    def handle_data(self, data):
        if self.cell:
            self.tables[-1][-1][-1] += data


def parse(html):
    reader = Reader()
    reader.feed(html)
    return reader


def test_the_same_run_gives_the_same_bytes(html):
    assert page(make_run()) == html


def test_nothing_is_fetched(html):
    elements = parse(html).elements
    for tag, attributes in elements:
        for name in ("src", "href", "action", "data"):
            assert re.match("#|data:,|$", attributes.get(name) or ""), (tag, attributes)
    assert len(html.encode()) < 6e6


def test_ids_are_unique_and_every_link_and_label_leads_somewhere(html):
    elements = parse(html).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in elements:
        assert attributes.get("href", "#main").removeprefix("#") in {*ids, "data:,"}
        assert attributes.get("aria-labelledby", "main") in ids


def test_each_chart_has_a_table_with_the_same_figures(run, html):
    reader = parse(html)
    charts = [each["data-chart"] for _, each in reader.elements if "data-chart" in each]
    expected = ["retrieval", "retrieval-all", "gold-words", "sentences"]
    expected += ["analysis-class", "analysis-length", "analysis-found-by"]
    expected += ["layers", "layers-sentences", "layers-gold", "context"]
    expected += ["hubness-never", "hubness-skewness"]
    expected += ["inference", "gold", "training-loss", "training-regularizer", "training-dev"]
    assert charts == expected
    rows = run.tables["retrieval"]
    head, *body = reader.tables[0]
    assert head == ["query", "method", "accuracy", "low", "high", "words", "sentences"]
    assert [row[:2] for row in body] == rows[["query", "method"]].values.tolist()
    found = [float(row[2]) for row in body]
    assert found == pytest.approx(100 * rows["accuracy"], abs=0.006)
    assert len(reader.tables) == len(expected) + 8  # map, inference, McNemar, corpora, pairs, ...


def test_vega_lite_takes_every_chart(html):
    text = re.search(r'id="specs">(.+?)</script>', html).group(1)
    specs = json.loads(text)
    assert len(specs) == 18
    for spec in specs.values():
        assert vl_convert.vegalite_to_vega(spec)["marks"]
    values = pd.DataFrame(specs["analysis-class"]["data"]["values"])
    assert list(values.language.unique()) == ["all languages", "de", "fr"]
    assert values[values.language == "all languages"].low.isna().all()
    assert values[values.language == "de"].low.notna().all()


def test_long_curves_are_thinned_to_means():
    steps = np.arange(1, 1001)
    rows = pd.DataFrame({"method": ["a"] * 1000 + ["b"], "step": [*steps, 1], "loss": [*steps, 7]})
    found = thinned(rows)
    assert found.groupby("method").size().to_dict() == {"a": 250, "b": 1}
    assert found.loss[0] == found.step[0] == 2.5
    assert found.loc[250].tolist() == ["b", 1, 7]
    training = rows.assign(regularizer=0.0, dev=np.nan)
    charts = figures.training_charts(training, {"a": "red", "b": "blue"})
    assert [each.name for each in charts] == ["training-loss", "training-regularizer"]
    assert figures.training_charts(training.head(0), {"a": "red"}) == []


def test_the_title_says_which_way_it_went():
    rows = pd.DataFrame({"method": ["base", "l2"], "accuracy": [0.652, 0.809]})

    def said(low, high):
        return title(rows.assign(difference_low=[np.nan, low], difference_high=[np.nan, high]), "e")

    assert said(0.1, 0.2) == "Alignment raises word retrieval from 65.2 to 80.9 %"
    assert "lowers" in said(-0.2, -0.1)
    assert "about the same: 65.2 and 80.9 %" in said(-0.1, 0.1)
    assert title(rows.head(1), "e") == "e before alignment retrieves 65.2 % of words"


def test_one_method_without_gold_sets_and_without_types_has_a_page_too():
    run = make_run(methods=("base",))
    empty = {name: run.tables[name].head(0) for name in ("gold", "noncontextual")}
    html = page(dataclasses.replace(run, tables={**run.tables, **empty}))
    assert "paper-retrieval" not in html
    assert "before alignment retrieves" in html
    assert "No method was trained" in html
    assert "names no gold sets" in html
    assert 'data-chart="context"' not in html


def test_names_are_text(run):
    evil = "</script><b onclick=x>&amp;"
    corpora = run.corpora.assign(corpus=evil)
    analyses = run.analyses.assign(bin=run.analyses["bin"].replace("open", evil))
    setting = dataclasses.replace(run.setting, encoder=evil)
    html = page(dataclasses.replace(run, setting=setting, corpora=corpora, analyses=analyses))
    assert "<b onclick" not in html
    assert html.count("</script>") == page(run).count("</script>")


def test_cells_are_text_and_numeric_columns_are_marked():
    table = pd.DataFrame(
        {"a": ["x", "y"], "n": [1234, 5], "f": [0.5, np.nan], "t": ["1.5", "p < 1"]}
    )
    assert cells(table) == {
        "head": ["a", "n", "f", "t"],
        "rows": [["x", "1,234", "0.5", "1.5"], ["y", "5", "", "p < 1"]],
        "numeric": [False, True, True, False],
    }
    assert cells(table.head(0))["rows"] == []


def test_differences_have_a_sign_unless_they_are_0():
    found = [signed(each) for each in (0.157, -0.021, 0.0, -0.0002)]
    assert found == ["+15.7", "−2.1", "0.0", "0.0"]


def test_a_method_has_one_colour():
    names = [f"m{number}" for number in range(len(PALETTE))]
    found = colours(["base", *names, "base"])
    assert found["base"] == PALETTE[0] == found[names[-1]]  # there are not more of them
    assert len(set(found.values())) == len(PALETTE)


def test_the_data_of_a_language_are_what_was_retrieved(run):
    test, found = run.tests["de"], run.retrieved["de"]
    data = unpack(pack(language_data(test, found, 10**6)))
    assert data["queries"] == len(test.pairs) == len(data["sentence"])
    for at, pair in enumerate(test.pairs.itertuples()):
        sentence = data["source"][data["sentence"][at]].split(" ")
        assert sentence[data["source_index"][at]] == pair.source_word
        assert data["agreed"][at] == (test.found_by[at] == "both")
    for method, each in found.items():
        got = data["found"][method]["from_english"]
        best = np.array(got["near"]).reshape(-1, data["near"])[:, 0]
        np.testing.assert_array_equal(best, each.outcomes["from_english_found"])
        np.testing.assert_array_equal(got["rank"], each.outcomes["from_english_rank"])
        rows = each.neighbours[each.neighbours.direction == "from_english"]
        np.testing.assert_allclose(np.array(got["score"]) / 1000, rows.score, atol=6e-4)
        assert len(data["map"][method]) == len(each.map)


def test_a_budget_keeps_the_first_whole_sentences(run):
    test, found = run.tests["de"], run.retrieved["de"]
    data = language_data(test, found, budget=2 * 2 * 5 * 20)
    assert 0 < data["queries"] <= 20
    assert test.sentence[data["queries"]] > test.sentence[data["queries"] - 1]
    assert len(data["found"]["base"]["to_english"]["near"]) == data["queries"] * 5
    assert len(data["source"]) == len(test.source)
    near = data["found"]["l2"]["from_english"]["near"]
    shown = {data["sentence"][pair] for pair in near}
    assert all(data["source"][each] == test.source[each] for each in shown)
    nothing = language_data(test, found, budget=0)
    assert nothing["queries"] == 0
    assert 0 < sum(map(bool, nothing["english"])) < 9  # only those of the map


def test_packs_shrink_until_they_fit(run):
    whole = sum(map(len, pack_all(run.tests, run.retrieved).values()))
    packs = pack_all(run.tests, run.retrieved, limit=whole // 2)
    assert sum(map(len, packs.values())) <= whole // 2
    assert unpack(packs["fr"])["queries"] > 0
    least = pack_all(run.tests, run.retrieved, limit=1)
    assert unpack(least["fr"])["queries"] == 0


def test_languages_that_were_not_aligned_are_marked_and_their_means_apart():
    run = make_run(languages=("de", "fr"), unaligned=("fr",))
    html = page(run)
    reader = parse(html)
    charts = [each["data-chart"] for _, each in reader.elements if "data-chart" in each]
    assert {"layers", "layers-others", "context", "context-1"} <= set(charts)
    options = re.findall(r'<option value="(.*?)">(.*?)</option>', html)
    groups = [("aligned languages",) * 2, ("languages that were not aligned",) * 2]
    assert set(groups) <= set(options)
    assert ("fr", "French (not aligned)") in options
    assert ("de", "German") in options
    specs = json.loads(re.search(r'id="specs">(.+?)</script>', html).group(1))
    values = pd.DataFrame(specs["analysis-class"]["data"]["values"])
    chosen = {name: values[values.language == name] for name in values.language.unique()}
    assert list(chosen) == ["aligned languages", "languages that were not aligned", "de", "fr"]
    for group, language in (("aligned languages", "de"), ("languages that were not aligned", "fr")):
        columns = ["bin", "method", "accuracy"]
        mean, alone = (chosen[name][columns].reset_index(drop=True) for name in (group, language))
        pd.testing.assert_frame_equal(mean, alone)
    words = pd.DataFrame(specs["retrieval"]["data"]["values"])
    apart = {"fr → en (not aligned)", "en → fr (not aligned)"}
    assert set(words["query"]) == {"de → en", "en → de"} | apart
    for group, shown in run.headlines.items():
        figure = 100 * shown["accuracy"].iloc[-1]
        assert f"{figure:.1f}<small>l2</small>" in html, group
    assert "2 languages with English, 1 of them not aligned" in html
    assert "mean of languages that were not aligned:" in html
