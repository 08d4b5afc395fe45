"""The page of word links as HTML: its text, its data, and the direction of each language."""

import json
import re
from html.parser import HTMLParser

import pytest

from pipeline.draw_links.drawn_pairs import DrawnPair
from pipeline.draw_links.links_page import links_page, text_direction

PAIR = DrawnPair(
    ["Der", "Hund"],
    ["The", "dog", "sleeps"],
    {(1, 1): 0.87654, (0, 0): None, (1, 2): 0.5},
    {(0, 0): True, (0, 1): True, (1, 1): False},
    "de",
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text in each kind of element."""

    def __init__(self, page):
        super().__init__()
        self.found, self.texts, self.open = [], {}, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])


def test_the_data_have_each_link_with_its_kind_and_probability():
    data = data_of(links_page([PAIR], "Links"))
    assert data["sides"] == {
        "de": {"name": "German", "direction": "ltr"},
        "en": {"name": "English", "direction": "ltr"},
    }
    (pair,) = data["pairs"]
    assert (pair["language"], pair["source"]) == ("de", ["Der", "Hund"])
    assert pair["english"] == ["The", "dog", "sleeps"]
    # Kinds: 0 as in gold, 1 missing, 2 extra.
    assert pair["links"] == [[0, 0, 0], [1, 1, 0, 0.8765], [1, 2, 2, 0.5], [0, 1, 1]]


def test_the_summary_counts_links():
    text = " ".join("".join(Elements(links_page([PAIR, PAIR], "Links")).texts["p"]).split())
    assert "6 links in 2 sentence pairs" in text
    assert "compared with the gold links, 2 are missing and 2 extra" in text
    assert "The more probable a link" in text
    plain = links_page([DrawnPair(["ja"], ["yes"], {(0, 0): None})], "Links")
    text = " ".join("".join(Elements(plain).texts["p"]).split())
    assert "1 link in 1 sentence pair." in text
    assert "gold" not in text
    assert "probable" not in text


def test_words_and_title_cannot_become_html():
    nasty = "</script><script>alert('&amp;\u2028\")</script>"
    pair = DrawnPair([nasty, "<!--"], ["<img/src=x>"], {(0, 0): None}, None, "de")
    page = links_page([pair], nasty)
    elements = Elements(page)
    names = [name for name, _ in elements.found]
    assert names.count("script") == 2
    assert "img" not in names
    assert elements.texts["h1"] == elements.texts["title"] == [nasty]
    assert data_of(page)["pairs"][0]["source"] == [nasty, "<!--"]
    assert data_of(page)["pairs"][0]["english"] == ["<img/src=x>"]


def test_the_page_names_no_other_file():
    for _, attributes in Elements(links_page([PAIR], "Links")).found:
        for name in ("src", "href", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:,")), attributes
    style = "".join(Elements(links_page([PAIR], "Links")).texts["style"])
    assert "url(" not in style
    assert "@import" not in style


DIRECTIONS = {
    "ar": "rtl", "arb": "rtl", "he": "rtl", "ur": "rtl", "fa": "rtl", "yi": "rtl", "dv": "rtl",
    "ckb": "rtl", "ug": "rtl", "nqo": "rtl", "pa-Arab": "rtl", "az-Arab": "rtl",
    "de": "ltr", "el": "ltr", "ru": "ltr", "zh": "ltr", "ja": "ltr", "hi": "ltr", "pa": "ltr",
    "uz-Latn": "ltr", "he-Latn": "ltr", "en": "ltr",
    "acm": "auto",  # an Arabic whose script the registry does not know
}  # fmt: skip


@pytest.mark.parametrize("code", DIRECTIONS)
def test_the_direction_is_that_of_the_script(code):
    assert text_direction(code) == DIRECTIONS[code]


def test_a_language_that_is_not_given_is_read_by_its_letters():
    data = data_of(links_page([DrawnPair(["a"], ["b"], {})], "Links"))
    assert data["sides"][""] == {"name": "Source", "direction": "auto"}


def test_the_same_pairs_give_the_same_bytes_whatever_the_order_of_links():
    turned = DrawnPair(
        PAIR.source,
        PAIR.english,
        dict(reversed(PAIR.links.items())),
        dict(reversed(PAIR.gold.items())),
        "de",
    )
    assert links_page([PAIR], "Links") == links_page(iter([turned]), "Links")


def test_other_alphabets_are_not_escaped():
    """The size of the page is that of its text."""
    pairs = [DrawnPair(["слово"] * 20, ["word"] * 20, {(i, i): 0.5 for i in range(20)})] * 100
    page = links_page(pairs, "Links")
    assert "слово" in page
    assert len(page.encode()) < 100 * (20 * (10 + 4 + 6 + 16) + 100) + 30_000
