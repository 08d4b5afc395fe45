"""Gold word alignments: their formats, and the error rates of an alignment on them.

A gold link is sure or possible. A set is one file of lines `source ||| english ||| 0-0 1?2`, or
three files: source sentences, English sentences and links. Links are in the Pharaoh format (`0-0`
sure, `1?2` or `1p2` possible) or, a link a line, in that of the NAACL 2003 shared task
(`1001 1 2 S`: sentence, two positions from 1, S or P), with sentences `<s snum=1001> ... </s>`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..common.errors import PipelineError
from .links import Links

PHARAOH = re.compile(r"(\d+)([-?p])(\d+)")
NAACL = re.compile(r"(\d+)\s+(\d+)\s+(\d+)(?:\s+([SP]))?(?:\s+[\d.]+)?")
TAGGED = re.compile(r"<s\s+snum=\"?(\d+)\"?\s*>(.*?)(</s>)?")

Mark = tuple[int, int, int, bool]  # sentence, first and second token index, whether it is sure


@dataclass(frozen=True)
class Gold:
    """Tokenised sentence pairs, their sure links, and the possible ones, which hold the sure."""

    source: list[str]
    english: list[str]
    sure: Links
    possible: Links


def read_gold(
    links: Path | str,
    source: Path | str | None = None,
    english: Path | str | None = None,
    english_first: bool = False,
) -> Gold:
    """A gold set of one file, `links`, or of three; `english_first` turns its links around.

    Raises PipelineError that names the file and what is wrong in it.
    """
    if source and english:
        ids, sources = _sentences(source)
        _, englishes = _sentences(english)
        lines = _lines(links)
    else:
        sources, englishes, lines = _columns(links)
        ids = [str(number) for number, _ in enumerate(sources, start=1)]
    if len(sources) != len(englishes):
        raise PipelineError(f"{source}: {len(sources)} sentences, but {english}: {len(englishes)}")
    read = _naacl if NAACL.fullmatch(lines[0]) else _pharaoh
    marks = [
        (row, j, i, sure) if english_first else (row, i, j, sure)
        for row, i, j, sure in read(links, lines, ids)
    ]
    for row, i, j, _ in marks:
        if i > sources[row].count(" ") or j > englishes[row].count(" "):
            raise PipelineError(f"{links}: a link of sentence {ids[row]} is behind its end")
    sure, possible = (_links(marks, len(ids), kinds) for kinds in ((True,), (True, False)))
    if not len(sure):
        raise PipelineError(f"{links}: has no sure links, which recall needs")
    return Gold(sources, englishes, sure, possible)


def error_rates(found: Links, gold: Gold) -> dict[str, float | int]:
    """Precision, recall and alignment error rate (Och and Ney, 2003) of links on a gold set.

    Precision counts links that are possible, recall the sure ones that were found. Precision is 0
    where no link was found.
    """
    sure = len(np.intersect1d(found.keys, gold.sure.keys, assume_unique=True))
    possible = len(np.intersect1d(found.keys, gold.possible.keys, assume_unique=True))
    return {
        "sentences": gold.sure.sentences,
        "precision": possible / max(1, len(found)),
        "recall": sure / len(gold.sure),
        "aer": 1 - (sure + possible) / (len(found) + len(gold.sure)),
    }


def _links(marks: Sequence[Mark], sentences: int, kinds: tuple[bool, ...]) -> Links:
    rows, first, second = (
        np.array([mark[column] for mark in marks if mark[3] in kinds], np.int64)
        for column in range(3)
    )
    return Links.of(rows, first, second, sentences)


def _pharaoh(path: Path | str, lines: Sequence[str], ids: Sequence[str]) -> Iterator[Mark]:
    if len(lines) != len(ids):
        raise PipelineError(f"{path}: {len(lines)} lines of links for {len(ids)} sentences")
    for row, line in enumerate(lines):
        for link in line.split():
            found = PHARAOH.fullmatch(link)
            if not found:
                raise PipelineError(f"{path}: line {row + 1}: {link!r} is no link like 0-0 or 1?2")
            yield row, int(found[1]), int(found[3]), found[2] == "-"


def _naacl(path: Path | str, lines: Sequence[str], ids: Sequence[str]) -> Iterator[Mark]:
    rows = {sentence: row for row, sentence in enumerate(ids)}
    for number, line in enumerate(lines, start=1):
        found = NAACL.fullmatch(line)
        if not found or found[1] not in rows or "0" in (found[2], found[3]):
            raise PipelineError(
                f"{path}: line {number}: {line!r} is no link like '1001 1 2 S' (a sentence of the "
                "set, two positions from 1)"
            )
        yield rows[found[1]], int(found[2]) - 1, int(found[3]) - 1, found[4] != "P"


def _columns(path: Path | str) -> tuple[list[str], list[str], list[str]]:
    rows = [line.split("|||") for line in _lines(path)]
    for number, row in enumerate(rows, start=1):
        if len(row) != 3:
            raise PipelineError(f"{path}: line {number} is not source ||| english ||| links")
    tidy = [[" ".join(text.split()) for text in row] for row in rows]
    sources, englishes, links = map(list, zip(*tidy, strict=True))
    return sources, englishes, links


def _sentences(path: Path | str) -> tuple[list[str], list[str]]:
    texts = [(TAGGED.fullmatch(line), line) for line in _lines(path)]
    ids = [tag[1] if tag else str(number) for number, (tag, _) in enumerate(texts, start=1)]
    return ids, [" ".join((tag[2] if tag else line).split()) for tag, line in texts]


def _lines(path: Path | str) -> list[str]:
    try:
        # Only newlines separate: a form feed or U+2028 stays in its sentence.
        lines = Path(path).read_text("utf-8-sig").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"{path}: the gold set cannot be read ({error})") from error
    return [line.strip() for line in lines]
