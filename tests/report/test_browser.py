"""The page in a real browser, from disk: what a reader sees, types and hears."""

import re

import pytest
from page_visits import visits
from report_data import make_run

from pipeline.report.page import page
from pipeline.retrieval.results import DIRECTIONS

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture(scope="module")
def run():
    return make_run()


@pytest.fixture(scope="module")
def file(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page(run), "utf-8")
    return path


@pytest.fixture(scope="module")
def visit(browser, file):
    """Open the page."""
    with visits(browser, file) as opened:
        yield opened


@pytest.fixture(scope="module")
def tab(visit):
    return visit(viewport={"width": 1280, "height": 900})


@pytest.fixture(autouse=True)
def _start_anew(request):
    """The form of the browser as it was at the start."""
    yield
    if "tab" in request.fixturenames:
        tab = request.getfixturevalue("tab")
        tab.evaluate("document.getElementById('browse').reset()")
        search(tab, "")


def settle(tab):
    """Wait until the page has done what an event began, of data that it has."""
    tab.evaluate("new Promise(done => setTimeout(done, 0))")


def search(tab, word):
    tab.fill("#browse-word", word or " ")  # an input event in any case
    settle(tab)


def words(tab):
    return tab.locator("#browse-list b").all_text_contents()


def count(tab):
    return int(tab.inner_text("#browse-count").split()[0].replace(",", ""))


def fate_counts(run, language, direction):
    """How many words are fixed, broken, wrong in both and right in both, from the outcomes."""
    before, after = (
        run.retrieved[language][method].outcomes[f"{direction}_rank"] == 0 for method in run.methods
    )
    return {
        "fixed": int((~before & after).sum()),
        "broken": int((before & ~after).sum()),
        "wrong": int((~before & ~after).sum()),
        "right": int((before & after).sum()),
    }


def test_the_console_is_silent_and_nothing_is_requested(tab, file):
    assert tab.said == []
    assert tab.asked == [file.as_uri()]


def test_a_typed_word_is_found_with_its_sentence_and_what_it_finds(tab, run):
    search(tab, "hund")
    assert "Hund" in words(tab)
    tab.locator("#browse-list button", has_text="Hund").first.click()
    pairs = run.tests["de"].pairs
    at = int(pairs.index[pairs.source_word == "Hund"][0])
    detail = tab.locator("#browse-detail")
    assert detail.locator("h3").inner_text().startswith("Hund")
    sentences = detail.locator(".sentence").all_inner_texts()
    assert run.tests["de"].source[run.tests["de"].sentence[at]] in sentences[0]
    assert run.tests["de"].english[run.tests["de"].sentence[at]] in sentences[1]
    for method, section in zip(run.methods, detail.locator(".found section").all(), strict=True):
        rows = run.retrieved["de"][method].neighbours
        rows = rows[(rows.direction == "to_english") & (rows.pair == at)]
        assert section.locator("h4").inner_text().startswith(method)
        assert section.locator("b").all_inner_texts() == pairs.english_word[rows.found].tolist()
        scores = [f"{score:.3f}".replace("-", "−") for score in rows.score]
        assert section.locator(".score").all_inner_texts() == scores
        right = section.locator("li.right").count()
        assert right == int((rows.found == at).sum())
        heard = f"{method} finds {pairs.english_word[rows.found.iloc[0]]}"
        assert heard in tab.text_content("#browse-shown")


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_fates_are_those_of_the_outcomes(tab, run, language, direction):
    tab.select_option("#browse-language", language)
    tab.select_option("#browse-direction", direction)
    expected = fate_counts(run, language, direction)
    assert expected["fixed"] > 10
    for fate, number in expected.items():
        tab.check(f"[name=fate][value={fate}]", force=True)
        expect(tab.locator("#browse-count")).to_have_text(re.compile(f"^{number:,} words"))
        assert set(tab.locator("#browse-list .fate").all_inner_texts()) <= {fate}


def test_pairs_on_which_the_aligners_disagree_are_marked_and_can_be_chosen(tab, run):
    agreed = int((run.tests["de"].found_by == "both").sum())
    doubtful = len(run.tests["de"].found_by) - agreed
    tab.select_option("#browse-language", "de")
    for value, number, notes in (("agreed", agreed, 0), ("doubtful", doubtful, 1)):
        tab.select_option("#browse-pairs", value)
        expect(tab.locator("#browse-count")).to_have_text(re.compile(f"^{number:,} words"))
        assert tab.locator("#browse-detail", has_text="The two aligners disagree").count() == notes


def test_no_hit_is_reported(tab):
    search(tab, "zzzz")
    assert count(tab) == 0
    assert "No word" in tab.inner_text("#browse-detail")


def test_a_word_of_the_sentence_can_be_clicked(tab):
    search(tab, "hund")
    tab.locator("#browse-detail .word", has_text="schläft").first.click()
    assert tab.inner_text("#browse-detail h3").startswith("schläft")


def test_everything_works_by_keyboard(tab):
    tab.focus("#browse-word")
    tab.keyboard.type("der")
    settle(tab)
    focused = "document.activeElement"
    for _ in range(4):  # past the filters to the words
        tab.keyboard.press("Tab")
        if tab.evaluate(f"!!{focused}.closest('#browse-list')"):
            break
    assert tab.evaluate(f"{focused}.querySelector('b').textContent").lower() == "der"
    tab.keyboard.press("ArrowDown")
    second = tab.evaluate(f"{focused}.dataset.at")
    assert second == tab.locator("#browse-list button").nth(1).get_attribute("data-at")
    tab.keyboard.press("Enter")
    assert tab.locator("#browse-list [aria-current]").get_attribute("data-at") == second
    outline = tab.evaluate(f"getComputedStyle({focused}).outlineStyle")
    assert outline == "solid"


def test_the_first_stop_of_the_keyboard_skips_to_the_results(visit):
    tab = visit()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert tab.evaluate("document.activeElement.offsetHeight") > 10


def test_every_control_and_chart_has_a_name(tab, run):
    names = tab.evaluate(
        "[...document.querySelectorAll('select, input')].map(each => each.labels[0]?.textContent)"
    )
    assert all(name and name.strip() for name in names)
    charts = tab.locator(".plot[role=graphics-document]").all()
    assert len(charts) == 18 + len(run.methods) == tab.locator(".plot svg").count()
    for chart in charts:
        assert len(chart.get_attribute("aria-label")) > 20


def test_bars_and_points_are_as_many_as_their_rows(tab, run):
    bars = tab.locator("[data-chart=retrieval] .mark-rect.role-mark path")
    assert bars.count() == len(run.tables["retrieval"])
    assert "accuracy" in bars.first.get_attribute("aria-label")
    for method in run.methods:
        points = tab.locator(f"[data-map={method}] .mark-symbol.role-mark path")
        assert points.count() == len(run.retrieved["de"][method].map) > 3
    tab.select_option("#map-language", "fr")
    expect(points).to_have_count(len(run.retrieved["fr"]["l2"].map))
    tab.select_option("#map-language", "de")


def test_a_point_of_the_map_shows_its_word_and_sentence(tab, run):
    tab.locator("[data-map=l2] .mark-symbol.role-mark path").first.hover(force=True)
    tip = tab.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    test = run.tests["de"]
    texts = tip.locator("td.value").all_inner_texts()
    assert texts[0] in texts[2]
    assert texts[2] in (*test.source, *test.english)
    tab.mouse.move(0, 0)


def test_the_language_of_the_analyses_changes_their_bars(tab):
    def widths():
        bars = tab.locator("[data-chart=analysis-class] .mark-rect.role-mark path")
        return [each.get_attribute("aria-label") for each in bars.all()]

    whole = widths()
    intervals = tab.locator("[data-chart=analysis-class] .mark-rule.role-mark line")
    assert intervals.count() == 0
    tab.select_option("#analyses-language", "fr")
    expect(intervals).to_have_count(6)
    assert len(widths()) == len(whole) == 6
    assert widths() != whole


def test_a_phone_shows_all_without_scrolling_sideways_and_dark_is_dark(visit):
    tab = visit(viewport={"width": 390, "height": 844}, color_scheme="dark")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.evaluate("Math.max(...[...document.querySelectorAll('.plot svg')]"
                        ".map(each => each.getBoundingClientRect().right))") <= 390  # fmt: skip
    ink, paper = (
        tab.evaluate(f"getComputedStyle(document.body).{name}.match(/\\d+/g).map(Number)")
        for name in ("color", "backgroundColor")
    )
    assert max(paper) < 60
    assert min(ink) > 180
    assert tab.said == []
