"""Files of word links in the Pharaoh format or in that of the NAACL 2003 shared task.

Pharaoh: one line per sentence pair, `0-0` sure, `1?2` or `1p2` possible, counted from 0, or from 1
with `one_based`. NAACL: one link per line, `1001 1 2 S`: sentence, two positions from 1, S or P.
Empty lines of the latter are skipped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..common.errors import PipelineError
from .gold_files import BLANKS, GoldFiles, Sentence
from .links import Links
from .text_files import read_text

PHARAOH_LINK = re.compile(r"(\d+)([-?p])(\d+)(:[\d.eE+-]+)?")
NAACL_LINK = re.compile(r"(\d+)\s+(\d+)\s+(\d+)(?:\s+([SP]))?(?:\s+[\d.]+)?")


@dataclass(frozen=True)
class LinkOptions:
    """What a file of links does not say itself.

    `english_first`: the English token comes first in each link. `one_based`: Pharaoh links count
    tokens from 1. `scores`: Pharaoh links may have a score, `0-0:0.9`, which is ignored. `prefix`
    precedes these names in the options of the caller, for errors.
    """

    english_first: bool = False
    one_based: bool = False
    scores: bool = False
    prefix: str = ""


@dataclass(frozen=True)
class FileLink:
    """One link: the row of its sentence pair, two token indices from 0, its line in the file."""

    row: int
    source: int
    english: int
    sure: bool
    line: int


def read_links(
    path: Path | str, pairs: GoldFiles, english_first: bool = False, one_based: bool = False
) -> Links:
    """The links that an aligner found in the sentence pairs of a gold set, sure or not.

    NAACL links name sentences as the gold set does, or by line. Raises PipelineError with the line
    for a faulty link, and for a file without links. Its options have the prefix `links_` there.
    """
    lines = read_text(path)
    if not any(line.strip(BLANKS) for line in lines):
        raise PipelineError(f"{path}: has no links: check what wrote it")
    options = LinkOptions(english_first, one_based, scores=True, prefix="links_")
    return to_links(parse_links(path, lines, pairs, options), len(pairs.source))


def has_sentences(path: Path) -> bool:
    """Whether a file of gold links has the sentences as well, by its first line."""
    first = next(iter(read_text(path)), "")
    is_links = NAACL_LINK.fullmatch(first.strip(BLANKS)) or all(
        PHARAOH_LINK.fullmatch(text) for text in first.split()
    )
    return not is_links and ("|||" in first or "\t" in first)


def to_links(file_links: Sequence[FileLink], sentences: int) -> Links:
    """The links of a file as arrays; a repeated link counts once."""
    rows, source, english = (
        np.array([getattr(link, field) for link in file_links], np.int64)
        for field in ("row", "source", "english")
    )
    return Links.of(rows, source, english, sentences)


def parse_links(
    path: Path | str, lines: Sequence[str], pairs: GoldFiles, options: LinkOptions
) -> list[FileLink]:
    """The links in lines of `path`; the first line that is not empty decides between the formats.

    Raises PipelineError with the line for a faulty link and one past the end of its sentence.
    """
    first = next((line for line in lines if line.strip(BLANKS)), "")
    is_naacl = NAACL_LINK.fullmatch(first.strip(BLANKS)) is not None
    if is_naacl:
        links = list(_naacl_links(path, lines, pairs.source))
    else:
        links = list(_pharaoh_links(path, lines, len(pairs.source), options))
    if options.english_first:
        links = [replace(link, source=link.english, english=link.source) for link in links]
    remedy = _remedy(options, is_naacl)
    for link in links:
        for token, side in ((link.source, pairs.source), (link.english, pairs.english)):
            _check_token(token, side[link.row], f"{path}: line {link.line}", remedy)
    return links


def _remedy(options: LinkOptions, is_naacl: bool) -> str:
    """What to do about a link past the end of its sentence."""
    remedies = ["correct it"]
    if not (options.one_based or is_naacl):
        remedies.append(f"set {options.prefix}one_based: true if links count tokens from 1")
    if not options.english_first:
        remedies.append(f"set {options.prefix}english_first: true if links begin with English")
    return ", or ".join(remedies)


def _check_token(token: int, sentence: Sentence, where: str, remedy: str) -> None:
    if token >= sentence.length:
        raise PipelineError(
            f"{where}: a link of sentence {sentence.id} is past the end of the sentence "
            f"({sentence.length} tokens, {sentence.where}): {remedy}"
        )


def _pharaoh_links(
    path: Path | str, lines: Sequence[str], sentences: int, options: LinkOptions
) -> Iterator[FileLink]:
    if len(lines) != sentences:
        raise PipelineError(
            f"{path}: {len(lines)} lines of links for {sentences} sentences: write one line for "
            "each sentence pair, an empty one if it has no links"
        )
    base = int(options.one_based)
    for row, line in enumerate(lines):
        for text in line.split():
            link = PHARAOH_LINK.fullmatch(text)
            where = f"{path}: line {row + 1}: {text!r}"
            if not link or (link[4] and not options.scores):
                raise PipelineError(f"{where} is not a link like 0-0 or 1?2: correct it")
            source, english = int(link[1]) - base, int(link[3]) - base
            if source < 0 or english < 0:
                option = f"{options.prefix}one_based"
                raise PipelineError(f"{where} counts tokens from 0: set {option}: false")
            yield FileLink(row, source, english, link[2] == "-", row + 1)


def _naacl_links(
    path: Path | str, lines: Sequence[str], sentences: Sequence[Sentence]
) -> Iterator[FileLink]:
    rows = {sentence.id: row for row, sentence in enumerate(sentences)}
    for number, line in enumerate(lines, start=1):
        text = line.strip(BLANKS)
        if not text:
            continue
        link = NAACL_LINK.fullmatch(text)
        row = rows.get(int(link[1])) if link else None
        if not link or row is None or 0 in (int(link[2]), int(link[3])):
            raise PipelineError(
                f"{path}: line {number}: {text!r} is not a link like '1001 1 2 S' (a sentence of "
                "the set, two positions from 1): correct it"
            )
        yield FileLink(row, int(link[2]) - 1, int(link[3]) - 1, link[4] != "P", number)
