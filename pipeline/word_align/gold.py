"""Gold word alignments: their formats, and the error rates of an alignment on them.

A gold link is sure or possible. A set is one file of lines `source ||| english ||| 0-0 1?2`, or
three files: source sentences, English sentences and links. Links are in the Pharaoh format (`0-0`
sure, `1?2` or `1p2` possible) or in that of the NAACL 2003 shared task: one link per line
(`1001 1 2 S`: sentence, two positions from 1, S or P), with sentences `<s snum=1001> ... </s>`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..common.errors import PipelineError
from .links import Links

PHARAOH_LINK = re.compile(r"(\d+)([-?p])(\d+)")
NAACL_LINK = re.compile(r"(\d+)\s+(\d+)\s+(\d+)(?:\s+([SP]))?(?:\s+[\d.]+)?")
NAACL_SENTENCE = re.compile(r"<s\s+snum=\"?(\d+)\"?\s*>(.*?)(</s>)?")


@dataclass(frozen=True)
class Gold:
    """Tokenised sentence pairs, their sure links, and the possible ones, which include the sure."""

    source: list[str]
    english: list[str]
    sure: Links
    possible: Links


class GoldLink(NamedTuple):
    """One link: the row of its sentence pair, two token indices, and whether it is sure."""

    row: int
    source: int
    english: int
    sure: bool


def read_gold(
    links: Path | str,
    source: Path | str | None = None,
    english: Path | str | None = None,
    english_first: bool = False,
) -> Gold:
    """A gold set of one file, `links`, or of three.

    `english_first` says that the English token comes first in each link. Raises PipelineError that
    names the file and its fault.
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
    read_links = _naacl_links if NAACL_LINK.fullmatch(lines[0]) else _pharaoh_links
    gold_links = list(read_links(links, lines, ids))
    if english_first:
        gold_links = [
            link._replace(source=link.english, english=link.source) for link in gold_links
        ]
    for link in gold_links:
        in_source = link.source <= sources[link.row].count(" ")
        in_english = link.english <= englishes[link.row].count(" ")
        if not (in_source and in_english):
            raise PipelineError(
                f"{links}: a link of sentence {ids[link.row]} is past the end of the sentence"
            )
    sure = _to_links([link for link in gold_links if link.sure], len(ids))
    if not len(sure):
        raise PipelineError(f"{links}: has no sure links, which recall needs")
    return Gold(sources, englishes, sure, _to_links(gold_links, len(ids)))


def error_rates(links: Links, gold: Gold) -> dict[str, float | int]:
    """Precision, recall and alignment error rate (Och and Ney, 2003) of links on a gold set.

    Precision is the share of `links` that are possible, recall the share of the sure ones that are
    among `links`. Precision is 0 if there are no links.
    """
    sure = len(np.intersect1d(links.keys, gold.sure.keys, assume_unique=True))
    possible = len(np.intersect1d(links.keys, gold.possible.keys, assume_unique=True))
    return {
        "sentences": gold.sure.sentences,
        "precision": possible / max(1, len(links)),
        "recall": sure / len(gold.sure),
        "aer": 1 - (sure + possible) / (len(links) + len(gold.sure)),
    }


def _to_links(gold_links: Sequence[GoldLink], sentences: int) -> Links:
    rows, source, english = (
        np.array([getattr(link, field) for link in gold_links], np.int64)
        for field in ("row", "source", "english")
    )
    return Links.of(rows, source, english, sentences)


def _pharaoh_links(
    path: Path | str, lines: Sequence[str], ids: Sequence[str]
) -> Iterator[GoldLink]:
    if len(lines) != len(ids):
        raise PipelineError(f"{path}: {len(lines)} lines of links for {len(ids)} sentences")
    for row, line in enumerate(lines):
        for text in line.split():
            link = PHARAOH_LINK.fullmatch(text)
            if not link:
                raise PipelineError(
                    f"{path}: line {row + 1}: {text!r} is not a link like 0-0 or 1?2"
                )
            yield GoldLink(row, int(link[1]), int(link[3]), sure=link[2] == "-")


def _naacl_links(path: Path | str, lines: Sequence[str], ids: Sequence[str]) -> Iterator[GoldLink]:
    rows = {sentence: row for row, sentence in enumerate(ids)}
    for number, line in enumerate(lines, start=1):
        link = NAACL_LINK.fullmatch(line)
        if not link or link[1] not in rows or "0" in (link[2], link[3]):
            raise PipelineError(
                f"{path}: line {number}: {line!r} is not a link like '1001 1 2 S' (a sentence of "
                "the set, two positions from 1)"
            )
        yield GoldLink(rows[link[1]], int(link[2]) - 1, int(link[3]) - 1, sure=link[4] != "P")


def _columns(path: Path | str) -> tuple[list[str], list[str], list[str]]:
    rows = [line.split("|||") for line in _lines(path)]
    for number, row in enumerate(rows, start=1):
        if len(row) != 3:
            raise PipelineError(f"{path}: line {number} is not source ||| english ||| links")
    tidy = [[" ".join(text.split()) for text in row] for row in rows]
    sources, englishes, links = map(list, zip(*tidy, strict=True))
    return sources, englishes, links


def _sentences(path: Path | str) -> tuple[list[str], list[str]]:
    """Ids and texts: those of NAACL sentences, or plain lines with their line numbers."""
    ids, texts = [], []
    for number, line in enumerate(_lines(path), start=1):
        naacl = NAACL_SENTENCE.fullmatch(line)
        ids.append(naacl[1] if naacl else str(number))
        texts.append(" ".join((naacl[2] if naacl else line).split()))
    return ids, texts


def _lines(path: Path | str) -> list[str]:
    try:
        # Only newlines separate lines: a form feed or U+2028 is part of its sentence.
        lines = Path(path).read_text("utf-8-sig").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"{path}: the gold set cannot be read ({error})") from error
    return [line.strip() for line in lines]
