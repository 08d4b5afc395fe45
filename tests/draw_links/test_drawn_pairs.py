"""Sentence pairs with links, read from files, and what is missing or extra."""

import pytest

from pipeline.common.errors import PipelineError
from pipeline.draw_links.drawn_pairs import DrawnPair, GoldFile, read_drawn_pairs


@pytest.fixture
def write(tmp_path):
    """Write a file; returns its path."""

    def written(name, text):
        (tmp_path / name).write_bytes(text.encode("utf-8"))
        return tmp_path / name

    return written


@pytest.fixture
def texts(write):
    """Two texts with a tab, double spaces, a no-break space, CRLF and a pair without words."""
    source = write("de", "\ufeffDer\tHund  schläft .\r\nin 10\u00a0km\r\n\r\n")
    return source, write("en", "The dog sleeps .\nin 10\u00a0km\n\n")


def test_texts_and_links_are_read_with_or_without_probabilities(texts, write):
    links = write("links", "0-0:0.98 1-1  2-2:1 3-3:1e-3\n0-0\t1-1:0.5\n\n")
    pairs = read_drawn_pairs(*texts, links, language="de")
    assert [pair.source for pair in pairs] == [
        ["Der", "Hund", "schläft", "."],
        ["in", "10\u00a0km"],
        [],
    ]
    assert pairs[0].english == ["The", "dog", "sleeps", "."]
    assert pairs[0].links == {(0, 0): 0.98, (1, 1): None, (2, 2): 1.0, (3, 3): 0.001}
    assert pairs[1].links == {(0, 0): None, (1, 1): 0.5}
    assert pairs[2].links == {}
    assert {pair.language for pair in pairs} == {"de"}
    assert [pair.gold for pair in pairs] == [None, None, None]


def test_missing_links_are_sure_ones_and_extra_links_are_not_even_possible():
    gold = {(0, 0): True, (1, 1): True, (0, 1): False, (1, 0): False}
    pair = DrawnPair("ab", "xyz", {(0, 0): None, (0, 1): 0.5, (0, 2): 0.5}, gold)
    assert pair.missing == [(1, 1)]
    assert pair.extra == [(0, 2)]
    without = DrawnPair("ab", "xyz", {(0, 2): None})
    assert (without.missing, without.extra) == ([], [])


GOLD = {
    "pharaoh": ("0-0 1?1\n1-1\n", {}),
    "one-based": ("1-1 2?2\n2-2\n", {"one_based": True}),
    "english first": ("0-0 1?1\n1-1\n", {"english_first": True}),
    "naacl": ("1 1 1 S\n1 2 2 P\n2 2 2\n", {}),
    "xl-wa": ("x y\ta b\t0-0 1?1\nz w\tc d\t1-1\n", {}),
    "with sentences": ("a b ||| x y ||| 0-0 1?1\nc d ||| z w ||| 1-1\n", {}),
}


@pytest.mark.parametrize("kind", GOLD)
def test_gold_links_of_the_same_sentences(kind, write):
    content, options = GOLD[kind]
    sides = write("s", "a b\nc d\n"), write("e", "x y\nz w\n")
    gold = GoldFile(write("gold", content), **options)
    pairs = read_drawn_pairs(*sides, write("links", "0-0\n0-0\n"), gold)
    assert [pair.gold for pair in pairs] == [{(0, 0): True, (1, 1): False}, {(1, 1): True}]
    assert [pair.missing for pair in pairs] == [[], [(1, 1)]]
    assert [pair.extra for pair in pairs] == [[], [(0, 0)]]


FAULTS = {
    "0-0\n": "links: 1 lines, but {}/s: 2: give one line for each sentence pair",
    "0-0\n0-9\n": "links: line 2: link 0-9 is past the end of a sentence (2 source tokens, 2 Eng",
    "2-0\n\n": "links: line 1: link 2-0 is past the end",
    "0-0 1:1\n\n": "links: line 1: '1:1' is not a link like 0-0 or 0-0:0.87: correct it",
    "0-0:high\n\n": "links: line 1: '0-0:high' is not a link",
    "0-0:-0.5\n\n": "links: line 1: '0-0:-0.5' is not a link",
    "\n0-0:1.5\n": "links: line 2: link 0-0 has probability 1.5, not one from 0 to 1",
    "0-0:1e999\n\n": "links: line 1: link 0-0 has probability inf",
    "٠-0\n\n": "links: line 1: '٠-0' is not a link",
    "": "links: 0 lines, but {}/s: 2",
}


@pytest.mark.parametrize("content", FAULTS)
def test_a_fault_in_the_links_is_one_line(content, write, tmp_path):
    sides = write("s", "a b\nc d\n"), write("e", "x y\nz w\n")
    with pytest.raises(PipelineError) as error:
        read_drawn_pairs(*sides, write("links", content))
    line = str(error.value)
    assert line.startswith(f"{tmp_path}/{FAULTS[content].format(tmp_path)}"), line
    assert "\n" not in line


def test_other_faults_are_one_line(write, tmp_path):
    source, english = write("s", "a b\nc d\n"), write("e", "x y\nz w\n")
    links = write("links", "0-0\n0-0\n")
    (tmp_path / "latin").write_bytes("é\né\n".encode("latin-1"))
    faults = [
        ((tmp_path / "none", english, links), "none: cannot be read"),
        ((tmp_path / "latin", english, links), "latin: cannot be read"),
        ((source, write("short", "x y\n"), links), "short: 1 lines, but"),
        ((source, english, links, None, "xx"), "language 'xx': not in the registry"),
        ((source, english, links, None, "en"), "English is the other side"),
        ((source, english, links, GoldFile(write("g1", "0-0\n"))), "g1: 1 lines of links for 2"),
        (
            (source, english, links, GoldFile(write("g2", "a b ||| x y ||| 0-0\n"))),
            "g2: 1 sentence pairs, but",
        ),
        (
            (
                source,
                write("other", "x y\nz v\n"),
                links,
                GoldFile(write("g3", GOLD["with sentences"][0])),
            ),
            "g3: line 2: its sentence is not that of",
        ),
        ((source, english, links, GoldFile(tmp_path / "gone")), "gone: cannot be read"),
    ]
    for arguments, message in faults:
        with pytest.raises(PipelineError) as error:
            read_drawn_pairs(*arguments)
        assert message in str(error.value)
        assert "\n" not in str(error.value)
