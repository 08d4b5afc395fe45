"""Links of an aligner for the sentences of a gold set."""

import pytest

from pipeline.common.errors import PipelineError
from pipeline.word_align.gold_files import read_files
from pipeline.word_align.link_files import read_links

GOLD = "a b c ||| d e ||| 0-0\nf ||| g h i ||| 0-2\nj k ||| l ||| 1-0\n"
LINKS = [{(0, 1), (2, 0)}, {(0, 2)}, set()]


@pytest.fixture
def pairs(tmp_path):
    (tmp_path / "gold").write_text(GOLD, "utf-8")
    return read_files(tmp_path / "gold")


def links_of(folder, text, pairs, **options):
    (folder / "links").write_bytes(text.encode())
    return read_links(folder / "links", pairs, **options)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("0-1 2-0\n0-2\n\n", {}),
        ("\ufeff2-0   0-1 0-1\r\n0-2 \r\n\r\n", {}),
        ("0-1:0.93 2-0:1e-05\n0-2:1\n\n", {}),
        ("0?1 2-0\n0p2\n\n", {}),
        ("1-2 3-1\n1-3\n\n", {"one_based": True}),
        ("1-0 0-2\n2-0\n\n", {"english_first": True}),
        ("2-1 1-3\n3-1\n\n", {"english_first": True, "one_based": True}),
        ("1 1 2 S\n1 3 1\n2 1 3 P 0.7\n", {}),
        ("001 2 1\n0002 3 1 S\n1 1 3 0.5\n", {"english_first": True}),
        ("\n1 1 2\n \n1 3 1\n2 1 3\n\n", {}),
        ("1 1 2\n1 3 1\n2 1 3\n", {"one_based": True}),  # NAACL's positions always count from 1
    ],
)
def test_each_format_gives_the_same_links(tmp_path, pairs, text, options):
    links = links_of(tmp_path, text, pairs, **options)
    assert (list(links.by_sentence()), links.sentences) == (LINKS, 3)


def test_the_first_line_with_text_decides_between_the_formats(tmp_path, pairs):
    links = links_of(tmp_path, "\n0-2\n1-0\n", pairs)
    assert list(links.by_sentence()) == [set(), {(0, 2)}, {(1, 0)}]


def test_naacl_links_name_sentences_as_the_gold_set_does(tmp_path):
    for side in ("source", "english"):
        text = "<s snum=0007> a b </s>\n<s snum=0003> c d </s>\n"
        (tmp_path / side).write_text(text, "utf-8")
    (tmp_path / "gold").write_text("7 1 1 S\n", "utf-8")
    pairs = read_files(*(tmp_path / name for name in ("gold", "source", "english")))
    links = links_of(tmp_path, "0003 1 2\n7 2 2\n", pairs)
    assert list(links.by_sentence()) == [{(1, 1)}, {(0, 1)}]


@pytest.mark.parametrize(
    ("text", "options", "fault"),
    [
        ("", {}, "links: has no links: check what wrote it"),
        ("\n \n\r\n", {}, "links: has no links: check what wrote it"),
        ("0-0\n0-0\n", {}, "links: 2 lines of links for 3 sentences: write one line for each sen"),
        ("0-0\n0-0\n\n\n", {}, "links: 4 lines of links for 3 sentences"),
        ("0-0\n0:0\n\n", {}, "links: line 2: '0:0' is not a link like 0-0 or 1?2: correct it"),
        ("0-0\n0-0:x\n\n", {}, "links: line 2: '0-0:x' is not a link"),
        ("<html>\n\n\n", {}, "links: line 1: '<html>' is not a link"),
        (
            "0-0\n\n0-1\n",
            {},
            "links: line 3: a link of sentence 3 is past the end of the sentence (",
        ),
        ("0-0\n\n1-0\n2-0\n", {}, "links: 4 lines"),
        (
            "1-0\n\n\n",
            {"one_based": True},
            "links: line 1: '1-0' counts tokens from 0: set l",
        ),
        ("1 1 1\n4 1 1\n", {}, "links: line 2: '4 1 1' is not a link like '1001 1 2 S'"),
        ("1 1 1\n1 00 1\n", {}, "links: line 2: '1 00 1' is not a link like '1001 1 2 S'"),
        ("1 1 1\n3 1 2\n", {}, "links: line 2: a link of sentence 3 is past the end of the sent"),
    ],
)
def test_faults_are_named_with_their_line(tmp_path, pairs, text, options, fault):
    with pytest.raises(PipelineError) as error:
        links_of(tmp_path, text, pairs, **options)
    assert str(error.value).startswith(f"{tmp_path}/{fault}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "options", "remedy"),
    [
        (
            "\n\n0-1\n",
            {},
            "correct it, or set links_one_based: true if links count tokens from 1, or set "
            "links_english_first: true if links begin with English",
        ),
        (
            "\n\n1-2\n",
            {"one_based": True},
            "correct it, or set links_english_first: true if links begin with English",
        ),
        (
            "\n\n1-0\n",
            {"english_first": True},
            "correct it, or set links_one_based: true if links count tokens from 1",
        ),
        ("3 2 1\n", {"english_first": True}, "correct it"),
    ],
)
def test_a_link_past_the_end_names_the_sentence_and_the_options_left(
    tmp_path, pairs, text, options, remedy
):
    with pytest.raises(PipelineError) as error:
        links_of(tmp_path, text, pairs, **options)
    line = 3 if text.startswith("\n") else 1
    assert str(error.value) == (
        f"{tmp_path}/links: line {line}: a link of sentence 3 is past the end of the sentence "
        f"(1 tokens, {tmp_path}/gold: line 3): {remedy}"
    )


def test_files_that_cannot_be_read_are_named(tmp_path, pairs):
    with pytest.raises(PipelineError, match=r"nowhere: cannot be read \(.*\): name a text file"):
        read_links(tmp_path / "nowhere", pairs)
    with pytest.raises(PipelineError, match="cannot be read"):
        read_links(tmp_path, pairs)
    (tmp_path / "latin").write_bytes(b"0-0\ncaf\xe9\n\n")
    with pytest.raises(PipelineError, match="latin: cannot be read"):
        read_links(tmp_path / "latin", pairs)
