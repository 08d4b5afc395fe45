"""Files of gold word alignments, up to the meaning of their links: sentence pairs and lines.

A set is one file of lines `source ||| english ||| links`, one of XL-WA, or three files: source
sentences, English sentences and links. Sentences are lines, or `<s snum=1001> ... </s>` as in the
NAACL 2003 shared task. Tokens are what is between spaces; other white space, such as a no-break
space, is part of its token.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import PipelineError
from .links import MAX_WORDS
from .text_files import read_text

BLANKS = " \t\r"
SPACES = re.compile("[ \t]+")
NAACL_SENTENCE = re.compile(r"<s\s+snum=\"?(\d+)\"?\s*>(.*?)(</s>)?")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a gold set with single spaces, its number in links, and where it is."""

    id: int
    text: str
    where: str

    @property
    def length(self) -> int:
        """The number of tokens."""
        return self.text.count(" ") + 1


@dataclass(frozen=True)
class GoldFiles:
    """The sentence pairs of a gold set, and the lines of links in the file `links`."""

    source: list[Sentence]
    english: list[Sentence]
    links: Path | str
    lines: list[str]
    english_first: bool


def read_files(
    links: Path | str,
    source: Path | str | None = None,
    english: Path | str | None = None,
    english_first: bool = False,
) -> GoldFiles:
    """The sentence pairs and lines of links of a gold set: one file, `links`, or three files.

    One file has lines `source ||| english ||| links`, or the three columns of XL-WA, separated by
    tabs: English, source, links whose English token comes first. Raises PipelineError with the
    file, the line and the fault.
    """
    if (source is None) != (english is None):
        raise PipelineError(f"{source or english}: has one side: name source and english, or none")
    if source is not None and english is not None:
        files = GoldFiles(
            _sentences(source), _sentences(english), links, read_text(links), english_first
        )
    else:
        files = _columns(links, english_first)
    if len(files.source) != len(files.english):
        raise PipelineError(
            f"{source}: {len(files.source)} sentences, but {english}: {len(files.english)}: each "
            "sentence needs its translation: correct it"
        )
    numbers: dict[int, str] = {}
    for pair in zip(files.source, files.english, strict=True):
        _check_numbers(*pair, numbers)
        for sentence in pair:
            _check_sentence(sentence)
    return files


def _check_numbers(source: Sentence, english: Sentence, numbers: dict[int, str]) -> None:
    """The sentences of a pair have one number, which no pair before them has."""
    if source.id != english.id:
        raise PipelineError(
            f"{source.where}: is sentence {source.id}, but {english.where}: sentence {english.id}: "
            "put both files in the same order"
        )
    if source.id in numbers:
        raise PipelineError(
            f"{source.where}: sentence {source.id} is also {numbers[source.id]}: number each once"
        )
    numbers[source.id] = source.where


def _check_sentence(sentence: Sentence) -> None:
    fault = None
    if not sentence.text:
        fault = "one side is empty: take the sentence out of the set"
    elif "|||" in sentence.text.split(" "):
        fault = "a token is |||, which separates the sides: write another"
    elif sentence.length > MAX_WORDS:
        fault = (
            f"{sentence.length} tokens, at most {MAX_WORDS} can be aligned: take the sentence out"
        )
    if fault:
        raise PipelineError(f"{sentence.where}: {fault}")


def _columns(path: Path | str, english_first: bool) -> GoldFiles:
    lines = read_text(path)
    is_xl_wa = any("\t" in line and "|||" not in line for line in lines[:1])
    first: list[Sentence] = []
    second: list[Sentence] = []
    links = []
    for number, line in enumerate(lines, start=1):
        columns = line.removesuffix("\r").split("\t" if is_xl_wa else "|||")
        where = f"{path}: line {number}"
        if len(columns) != 3:
            raise PipelineError(
                f"{where} is not source ||| english ||| links, nor English, source and links "
                "between tabs: correct it, or name source and english if links have a file of "
                "their own"
            )
        first.append(Sentence(number, _single_spaced(columns[0]), where))
        second.append(Sentence(number, _single_spaced(columns[1]), where))
        links.append(columns[2])
    if is_xl_wa:
        return GoldFiles(second, first, path, links, english_first=True)
    return GoldFiles(first, second, path, links, english_first)


def _sentences(path: Path | str) -> list[Sentence]:
    """NAACL sentences with their numbers, or plain lines with those of the lines."""
    sentences = []
    for number, line in enumerate(read_text(path), start=1):
        naacl = NAACL_SENTENCE.fullmatch(line.strip(BLANKS))
        text = _single_spaced(naacl[2] if naacl else line.removesuffix("\r"))
        name = int(naacl[1]) if naacl else number
        sentences.append(Sentence(name, text, f"{path}: line {number}"))
    return sentences


def _single_spaced(text: str) -> str:
    return " ".join(filter(None, SPACES.split(text)))
