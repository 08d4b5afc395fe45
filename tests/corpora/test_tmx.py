import gzip
import io
import tracemalloc

import pytest

from pipeline.common.errors import PipelineError
from pipeline.corpora.tmx import matches, tmx_pairs


def document(*units, head='<?xml version="1.0" encoding="UTF-8"?>', attributes='version="1.4"'):
    return f"{head}<tmx {attributes}><header/><body>\n{''.join(units)}</body></tmx>"


def unit(**segments):
    variants = (
        f'<tuv xml:lang="{language}"><prop>x</prop><seg>{segment}</seg></tuv>\n'
        for language, segment in segments.items()
    )
    return f"<tu><note>n</note>{''.join(variants)}</tu>\n"


def read(text, source="de", english="en"):
    content = text if isinstance(text, bytes) else text.encode()
    return list(tmx_pairs(io.BytesIO(content), "a.tmx", source, english))


@pytest.mark.parametrize(
    ("language", "code", "same"),
    [
        ("de-DE", "de", True),
        ("DE_de", "de-DE", True),
        ("zh-Hant-TW", "zh_hant", True),
        ("zh_CN", "zh-Hant", False),
        ("de", "de-DE", False),
        ("deu", "de", False),
        ("", "de", False),
    ],
)
def test_codes_without_case_and_with_hyphens(language, code, same):
    assert matches(language, code) is same
    english = '<tuv lang="EN-us"><seg>y</seg></tuv>'
    text = document(f'<tu><tuv xml:lang="{language}"><seg>x</seg></tuv>{english}</tu>')
    if same:
        assert read(text, source=code) == [("x", "y")]
    else:
        with pytest.raises(PipelineError, match=f"has no segments in '{code}', but in"):
            read(text, source=code)


def test_the_exact_language_comes_before_its_variants_and_the_first_of_equals():
    variants = [("de-AT", "Jänner"), ("de", "Januar"), ("en", "January"), ("en", "Jan")]
    tuvs = "".join(f'<tuv xml:lang="{code}"><seg>{text}</seg></tuv>' for code, text in variants)
    assert read(document(f"<tu>{tuvs}</tu>")) == [("Januar", "January")]
    assert read(document(f"<tu>{tuvs}</tu>"), source="de_at") == [("Jänner", "January")]


def test_namespaces_are_ignored():
    text = document(
        unit(de="der Hund", en="the dog").replace("<", "<t:").replace("<t:/", "</t:"),
        attributes='version="1.4" xmlns="http://www.lisa.org/tmx14" xmlns:t="urn:t"',
    )
    assert read(text) == [("der Hund", "the dog")]


def test_codes_are_not_text_and_highlights_are():
    segment = (
        'Der <bpt i="1">&lt;b&gt;</bpt>rote<ept i="1">&lt;/b&gt;</ept> <ph>{0}<sub>alt</sub></ph>'
        "<hi>große <it pos='begin'>x</it>Hund</hi><ut>u</ut>, ja<x/>."
    )
    assert read(document(unit(de=segment, en="a<!-- c --><![CDATA[ & b]]>"))) == [
        ("Der rote große Hund, ja.", "a & b")
    ]


def test_codes_at_the_edge_of_what_is_read_at_once():
    """Text after a code is text wherever the file is cut."""
    for padding in range(65_400, 65_560, 7):
        text = document(f"<!--{'x' * padding}-->", unit(de="a<ph>b</ph>c<ph/>d", en="e"))
        assert read(text) == [("acd", "e")]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_other_encodings_that_xml_declares(encoding):
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    text = document(unit(de="größer", en="more"), head=head)
    assert read(text.encode(encoding)) == [("größer", "more")]


def test_units_without_one_of_the_languages_keep_their_places():
    text = document(unit(de="a", en="b"), unit(fr="c", en="d"), unit(de="e"), unit())
    assert read(text) == [("a", "b"), ("", "d"), ("e", ""), ("", "")]


BOMB = '<!DOCTYPE x [<!ENTITY a "bb"><!ENTITY b "&a;&a;">]>' + document(unit(de="&b;"), head="")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            document(unit(fr="a", it="b", en="c")),
            "a.tmx: has no segments in 'de', but in fr, it, en",
        ),
        (document(unit(de="a", fr="b")), "a.tmx: has no segments in 'en', but in de, fr: name two"),
        (document(), r"a.tmx: not TMX \(it has no segments\): name another"),
        (document(unit(de="a", en="b"))[:-30], r"a.tmx:\d+: not TMX \(.*\): fix the file"),
        (document(unit(de="a & b")), r"a.tmx:2: not TMX \(not well-formed"),
        (document(unit(de="a\x0bb")), r"a.tmx:2: not TMX \(not well-formed"),
        (document(unit(de="&nbsp;")), r"a.tmx:2: not TMX \(undefined entity"),
        (document(unit(de="é")).encode("latin-1"), r"a.tmx:2: not TMX \(not well-formed"),
        (
            document(head='<?xml version="1.0" encoding="klingon"?>'),
            r"a.tmx.*: not TMX \(.*klingon",
        ),
        (BOMB, r"a.tmx: not TMX \(EntitiesForbidden"),
        ("", r"a.tmx:1: not TMX \(no element found"),
        ("der Hund\tthe dog\n", r"a.tmx:1: not TMX \(syntax error"),
    ],
)
def test_faulty_files_are_one_line(text, message):
    with pytest.raises(PipelineError, match=message) as error:
        read(text)
    assert str(error.value).isprintable()


def test_deep_nesting_is_no_problem():
    deep = "<hi>" * 20_000 + "x" + "</hi>" * 20_000
    assert read(document(unit(de=deep, en="y"))) == [("x", "y")]


def test_memory_does_not_grow_with_the_file():
    def peak(units):
        text = document(*(unit(de=f"der Hund {n}", en=f"the dog {n}") for n in range(units)))
        with gzip.open(io.BytesIO(gzip.compress(text.encode()))) as file:
            tracemalloc.start()
            assert sum(1 for _ in tmx_pairs(file, "a.tmx", "de", "en")) == units
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return size

    assert peak(8_000) < 1.1 * peak(2_000)
