"""The page of word links in a real browser: pointer, keyboard, search, drawing and printing."""

import pytest
from page_visits import visits

from pipeline.draw_links.drawn_pairs import DrawnPair
from pipeline.draw_links.links_page import links_page

expect = pytest.importorskip("playwright.sync_api").expect

GERMAN = DrawnPair(
    ["Der", "Hund", "schläft", "heute", "."],
    ["Today", "the", "dog", "sleeps", "."],
    {(0, 1): 0.9, (1, 2): 0.8, (1, 3): 0.25, (3, 0): None, (4, 4): 1.0},
    {(0, 1): True, (1, 2): True, (2, 3): True, (3, 0): False, (4, 4): True},
    "de",
)
ARABIC = DrawnPair(
    ["(", "DVC", ")", "مفيدة", "جدا"], ["DVC", "is", "useful"], {(1, 0): 0.5}, None, "ar"
)
UNKNOWN = DrawnPair(["شكرا", "جزيلا", "لك"], ["thanks", "a", "lot"], {(0, 0): None})
EMPTY = DrawnPair([], ["nothing"], {}, None, "de")
LONG = DrawnPair(["langes"] * 60, ["long"] * 50, {(i, 49 - i): None for i in range(50)})
PAIRS = [GERMAN, ARABIC, UNKNOWN, EMPTY, LONG] + [
    DrawnPair(f"Satz {number} endet .".split(), f"sentence {number} .".split(), {(0, 0): 0.5})
    for number in range(6, 61)
]
FOCUSED = "document.activeElement"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("links") / "links.html"
    path.write_text(links_page(PAIRS, "Links of a test"), "utf-8")
    return path


@pytest.fixture(scope="module")
def visit(browser, file):
    with visits(browser, file) as opened:
        yield opened


@pytest.fixture
def tab(visit):
    return visit(viewport={"width": 1200, "height": 900})


def word(tab, pair, side, at):
    return tab.locator(f"[data-pair='{pair - 1}'] .{side} .word").nth(at)


def marked(tab, pair):
    return tab.locator(f"[data-pair='{pair - 1}'] .word.on").all_inner_texts()


def detail(tab, pair):
    return tab.inner_text(f"[data-pair='{pair - 1}'] .detail")


def focused(tab):
    return tab.evaluate(f"{FOCUSED}.textContent")


def curves_meet_their_words(tab):
    """Whether each curve begins below its source word and ends above its English one."""
    return tab.evaluate(
        """[...document.querySelectorAll(".pair .link")].every(path => {
          const pair = path.closest(".pair");
          return [["source", 0, "bottom"], ["english", path.getTotalLength(), "top"]].every(
            ([side, length, edge]) => {
              const at = path.getPointAtLength(length).matrixTransform(path.getScreenCTM());
              const words = pair.querySelectorAll(`.${side} .word`);
              const box = words[path.dataset[side]].getBoundingClientRect();
              const middle = (box.left + box.right) / 2;
              return Math.abs(at.x - middle) < 1 && Math.abs(at.y - box[edge]) < 1;
            });
        })"""
    )


def test_the_console_is_silent_and_nothing_is_requested(tab, file):
    word(tab, 1, "source", 0).hover()
    tab.fill("#search", "hund")
    assert tab.said == []
    assert tab.asked == [file.as_uri()]


def test_a_pointed_word_shows_its_links_and_partners(tab):
    assert detail(tab, 1) == "5 links, 1 missing, 1 extra"
    word(tab, 1, "source", 1).hover()
    assert marked(tab, 1) == ["Hund", "dog", "sleeps"]
    assert detail(tab, 1) == "Hund → dog 0.80 · sleeps 0.25 (extra)"
    on = tab.locator("[data-pair='0'] .link.on")
    ends = [
        (each.get_attribute("data-source"), each.get_attribute("data-english")) for each in on.all()
    ]
    assert sorted(ends) == [("1", "2"), ("1", "3")]
    word(tab, 1, "english", 3).hover()
    assert marked(tab, 1) == ["Hund", "schläft", "sleeps"]
    assert detail(tab, 1) == "sleeps → Hund 0.25 (extra) · schläft (missing)"
    tab.hover("h1")
    assert marked(tab, 1) == []
    assert detail(tab, 1) == "5 links, 1 missing, 1 extra"


def test_the_focus_shows_links_too_and_the_pointer_goes_before_it(tab):
    tab.focus("#go")
    tab.keyboard.press("Tab")
    assert focused(tab) == "Der"
    assert marked(tab, 1) == ["Der", "the"]
    word(tab, 1, "source", 3).hover()
    assert marked(tab, 1) == ["heute", "Today"]
    tab.hover("h1")
    assert marked(tab, 1) == ["Der", "the"]
    tab.keyboard.press("Shift+Tab")
    assert marked(tab, 1) == []


def test_arrows_move_between_words_sentences_and_pairs(tab):
    tab.focus("#go")
    tab.keyboard.press("Tab")
    steps = [
        ("ArrowRight", "Hund"), ("ArrowDown", "dog"), ("ArrowLeft", "the"), ("End", "."),
        ("ArrowRight", "."), ("Home", "Today"), ("ArrowUp", "heute"), ("Home", "Der"),
        ("ArrowUp", "Der"), ("ArrowDown", "the"),
    ]  # fmt: skip
    for key, expected in steps:
        tab.keyboard.press(key)
        assert focused(tab) == expected, key
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate(f"{FOCUSED}.closest('.pair').dataset.pair") == "1"
    assert tab.locator(".word[tabindex='0']").count() == 1
    assert tab.evaluate(f"getComputedStyle({FOCUSED}).outlineStyle") == "solid"


def test_arrows_turn_the_page(tab):
    word(tab, 25, "english", 0).click()
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("#count")).to_have_text("Sentence pairs 26–50 of 60")
    assert focused(tab) == "Satz"
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate(f"{FOCUSED}.closest('.pair').dataset.pair") == "24"


def test_right_to_left_sentences_begin_at_the_right_and_the_arrows_follow(tab):
    for pair in (2, 3):  # by the language, and by the letters
        row = tab.locator(f"[data-pair='{pair - 1}'] .source .word").all()
        places = [each.bounding_box()["x"] for each in row]
        assert len(places) > 2
        assert places == sorted(places, reverse=True)
        row = tab.locator(f"[data-pair='{pair - 1}'] .english .word").all()
        places = [each.bounding_box()["x"] for each in row]
        assert places == sorted(places)
    word(tab, 2, "source", 0).click()
    tab.keyboard.press("ArrowLeft")
    assert focused(tab) == "DVC"
    tab.keyboard.press("ArrowRight")
    assert focused(tab) == "("


def test_kinds_of_links_differ_by_more_than_colour_and_probable_ones_are_thicker(tab):
    def style(source, english, name):
        path = f"[data-pair='0'] [data-source='{source}'][data-english='{english}']"
        return tab.locator(path).evaluate(f"each => getComputedStyle(each).{name}")

    dashes = [style(*ends, "strokeDasharray") for ends in ((1, 2), (2, 3), (1, 3))]
    assert dashes[0] == "none"
    assert len(set(dashes)) == 3
    for name in ("strokeWidth", "opacity"):
        ordered = [
            float(style(*ends, name).removesuffix("px")) for ends in ((1, 2), (0, 1), (4, 4))
        ]
        assert ordered == sorted(set(ordered)), name


def test_each_word_says_its_links_in_its_language(tab):
    label = word(tab, 1, "source", 1).get_attribute("aria-label")
    assert label == "Hund: dog 0.80, sleeps 0.25 (extra)"
    assert word(tab, 2, "source", 0).get_attribute("aria-label") == "(: no links"
    langs = tab.locator("[data-pair='0'] .row, [data-pair='2'] .row").evaluate_all(
        "rows => rows.map(row => row.getAttribute('lang'))"
    )
    assert langs == ["de", "en", None, "en"]
    assert tab.locator("[data-pair='3'] .source").inner_text().endswith("no words")
    names = tab.evaluate(
        "[...document.querySelectorAll('select, input')].map(each => each.labels[0]?.textContent)"
    )
    assert len(names) == 3
    assert all(name.strip() for name in names)


def test_search_choice_and_number(tab):
    tab.fill("#search", "HUND  schläft")
    expect(tab.locator("#count")).to_have_text("Sentence pairs 1–1 of 1")
    assert tab.locator(".word.hit").all_inner_texts() == ["Hund", "schläft"]
    tab.fill("#search", "zzz")
    expect(tab.locator("#count")).to_have_text("No sentence pair fits.")
    tab.fill("#search", "sentence")
    expect(tab.locator("#count")).to_have_text("Sentence pairs 1–25 of 55")
    tab.click("#next")
    expect(tab.locator("#count")).to_have_text("Sentence pairs 26–50 of 55")
    tab.fill("#search", "")
    tab.select_option("#show", "missing")
    expect(tab.locator("#count")).to_have_text("Sentence pairs 1–1 of 1")
    tab.fill("#go", "58")
    tab.press("#go", "Enter")
    expect(tab.locator("#count")).to_have_text("Sentence pairs 51–60 of 60")
    assert tab.evaluate(f"{FOCUSED}.closest('.pair').dataset.pair") == "57"
    assert tab.locator("#next").is_disabled()
    assert tab.said == []


def test_curves_follow_their_words_when_the_width_changes(tab):
    assert tab.locator(".pair .link").count() > 25
    assert curves_meet_their_words(tab)
    tab.set_viewport_size({"width": 320, "height": 800})
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert curves_meet_their_words(tab)


@pytest.mark.parametrize("width", [320, 1200])
def test_curves_meet_their_words_on_paper_without_being_drawn_again(width, visit):
    """No event comes once paper is laid out."""
    tab = visit(viewport={"width": width, "height": 800})
    shapes = "[...document.querySelectorAll('.pair .link')].map(each => each.getAttribute('d'))"
    on_screen = tab.evaluate(shapes)
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    drawn = tab.evaluate(shapes)
    assert drawn != on_screen
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 718, "height": 800})  # A4 with the usual margins
    assert (tab.evaluate(shapes), curves_meet_their_words(tab)) == (drawn, True)
    tab.emulate_media(media="screen")
    tab.set_viewport_size({"width": width, "height": 800})
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate(shapes) == on_screen


def test_a_phone_shows_all_without_scrolling_sideways_and_dark_is_dark(visit):
    tab = visit(viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    word(tab, 1, "source", 1).tap()
    assert marked(tab, 1) == ["Hund", "dog", "sleeps"]
    ink, paper = (
        tab.evaluate(f"getComputedStyle(document.body).{name}.match(/\\d+/g).map(Number)")
        for name in ("color", "backgroundColor")
    )
    assert max(paper) < 60
    assert min(ink) > 180
