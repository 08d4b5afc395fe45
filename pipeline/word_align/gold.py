"""Gold word alignments: their formats, and the error rates of an alignment on them.

A gold link is sure or possible. A set is one file of lines `source ||| english ||| 0-0 1?2`, or
three files: source sentences, English sentences and links. Links are in the Pharaoh format (`0-0`
sure, `1?2` or `1p2` possible; counted from 0, or from 1 with `one_based`) or in that of the NAACL
2003 shared task: one link per line (`1001 1 2 S`: sentence, two positions from 1, S or P), with
sentences `<s snum=1001> ... </s>`. Tokens are what is between spaces; other white space, such as a
no-break space, is part of its token.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..common.errors import PipelineError
from .links import MAX_WORDS, Links

SPACES = re.compile("[ \t]+")
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


@dataclass(frozen=True)
class GoldLink:
    """One link: the row of its sentence pair, two token indices from 0, its line in the file."""

    row: int
    source: int
    english: int
    sure: bool
    line: int


@dataclass(frozen=True)
class Sentence:
    """A sentence of a gold set with single spaces, its id in links, and where it is."""

    id: str
    text: str
    where: str


def read_gold_sets(path: Path) -> dict[str, Gold]:
    """The gold sets of a language by name; `path` is the file of the step own that names them.

    Raises PipelineError if it is missing, and as `read_gold` does.
    """
    if not path.is_file():
        raise PipelineError(f"{path}: is missing: run dvc repro own")
    sets = json.loads(path.read_text("utf-8"))
    return {name: read_gold(**files) for name, files in sets.items()}


def read_gold(
    links: Path | str,
    source: Path | str | None = None,
    english: Path | str | None = None,
    english_first: bool = False,
    one_based: bool = False,
) -> Gold:
    """A gold set of one file, `links`, or of three.

    `english_first` says that the English token comes first in each link, `one_based` that Pharaoh
    links count tokens from 1. Raises PipelineError with the file, the line and the fault.
    """
    if source and english:
        sources, englishes = _sentences(source), _sentences(english)
        lines = _lines(links)
    else:
        sources, englishes, lines = _columns(links)
    if len(sources) != len(englishes):
        raise PipelineError(f"{source}: {len(sources)} sentences, but {english}: {len(englishes)}")
    for sentence in (*sources, *englishes):
        _check_sentence(sentence)
    ids = [sentence.id for sentence in sources]
    remedy = "correct it"
    if NAACL_LINK.fullmatch(lines[0]):
        gold_links = list(_naacl_links(links, lines, ids))
    else:
        remedy += "" if one_based else ", or set one_based: true if links count tokens from 1"
        gold_links = list(_pharaoh_links(links, lines, len(ids), int(one_based)))
    if english_first:
        gold_links = [
            replace(link, source=link.english, english=link.source) for link in gold_links
        ]
    for link in gold_links:
        _check_link(link, sources[link.row], englishes[link.row], links, remedy)
    sure = _to_links([link for link in gold_links if link.sure], len(ids))
    if not len(sure):
        raise PipelineError(f"{links}: has no sure links, which recall needs")
    possible = _to_links(gold_links, len(ids))
    source_texts, english_texts = ([each.text for each in side] for side in (sources, englishes))
    return Gold(source_texts, english_texts, sure, possible)


def _check_sentence(sentence: Sentence) -> None:
    tokens = sentence.text.split(" ")
    fault = None
    if not sentence.text:
        fault = "one side is empty: take the sentence out of the set"
    elif "|||" in tokens:
        fault = "a token is |||, which separates the sides: write another"
    elif len(tokens) > MAX_WORDS:
        fault = f"{len(tokens)} tokens, at most {MAX_WORDS} can be aligned: take the sentence out"
    if fault:
        raise PipelineError(f"{sentence.where}: {fault}")


def _check_link(
    link: GoldLink, source: Sentence, english: Sentence, path: Path | str, remedy: str
) -> None:
    for token, sentence in ((link.source, source), (link.english, english)):
        length = sentence.text.count(" ") + 1
        if token >= length:
            raise PipelineError(
                f"{path}: line {link.line}: a link of sentence {source.id} is past the end of the "
                f"sentence ({length} tokens, {sentence.where}): {remedy}"
            )


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
    path: Path | str, lines: Sequence[str], sentences: int, first: int
) -> Iterator[GoldLink]:
    if len(lines) != sentences:
        raise PipelineError(f"{path}: {len(lines)} lines of links for {sentences} sentences")
    for row, line in enumerate(lines):
        for text in line.split():
            link = PHARAOH_LINK.fullmatch(text)
            where = f"{path}: line {row + 1}: {text!r}"
            if not link:
                raise PipelineError(f"{where} is not a link like 0-0 or 1?2")
            source, english = int(link[1]) - first, int(link[3]) - first
            if source < 0 or english < 0:
                raise PipelineError(f"{where} counts tokens from 0: set one_based: false")
            yield GoldLink(row, source, english, link[2] == "-", row + 1)


def _naacl_links(path: Path | str, lines: Sequence[str], ids: Sequence[str]) -> Iterator[GoldLink]:
    rows = {sentence: row for row, sentence in enumerate(ids)}
    for number, line in enumerate(lines, start=1):
        link = NAACL_LINK.fullmatch(line)
        if not link or link[1] not in rows or "0" in (link[2], link[3]):
            raise PipelineError(
                f"{path}: line {number}: {line!r} is not a link like '1001 1 2 S' (a sentence of "
                "the set, two positions from 1)"
            )
        yield GoldLink(rows[link[1]], int(link[2]) - 1, int(link[3]) - 1, link[4] != "P", number)


def _columns(path: Path | str) -> tuple[list[Sentence], list[Sentence], list[str]]:
    sources, englishes, links = [], [], []
    for number, line in enumerate(_lines(path), start=1):
        columns = line.split("|||")
        where = f"{path}: line {number}"
        if len(columns) != 3:
            raise PipelineError(f"{where} is not source ||| english ||| links")
        sources.append(Sentence(str(number), _single_spaced(columns[0]), where))
        englishes.append(Sentence(str(number), _single_spaced(columns[1]), where))
        links.append(_single_spaced(columns[2]))
    return sources, englishes, links


def _sentences(path: Path | str) -> list[Sentence]:
    """NAACL sentences with their ids, or plain lines with their numbers."""
    sentences = []
    for number, line in enumerate(_lines(path), start=1):
        naacl = NAACL_SENTENCE.fullmatch(line)
        text = _single_spaced(naacl[2] if naacl else line)
        name = naacl[1] if naacl else str(number)
        sentences.append(Sentence(name, text, f"{path}: line {number}"))
    return sentences


def _single_spaced(text: str) -> str:
    return " ".join(filter(None, SPACES.split(text)))


def _lines(path: Path | str) -> list[str]:
    try:
        # Only newlines separate lines: a form feed or U+2028 is part of its sentence.
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            lines = file.read().removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"{path}: the gold set cannot be read ({error})") from error
    return [line.strip(" \t\r") for line in lines]
