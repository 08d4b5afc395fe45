"""Sentence pairs with the links to draw between their words, and how to read them from files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import PipelineError, one_line
from ..common.languages import check_language
from ..word_align.gold import read_gold
from ..word_align.link_files import has_sentences
from ..word_align.text_files import read_tokens

LINK = re.compile(r"(\d+)-(\d+)(?::(\d+(?:\.\d*)?(?:[eE]-?\d+)?))?", re.ASCII)

Link = tuple[int, int]  # source token and English token, from 0


@dataclass(frozen=True)
class DrawnPair:
    """A tokenised sentence pair and its links.

    `links` has the probability of each link, or None; `gold` says of each gold link whether it is
    sure. `language` is that of the source, a code of BCP 47. Raises PipelineError for a link past
    the end of its sentence and for a probability that is not between 0 and 1.
    """

    source: Sequence[str]
    english: Sequence[str]
    links: Mapping[Link, float | None]
    gold: Mapping[Link, bool] | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        sizes = len(self.source), len(self.english)
        for i, j in (*self.links, *(self.gold or ())):
            if not (0 <= i < sizes[0] and 0 <= j < sizes[1]):
                raise PipelineError(
                    f"link {i}-{j} is past the end of a sentence ({sizes[0]} source tokens, "
                    f"{sizes[1]} English tokens)"
                )
        for (i, j), probability in self.links.items():
            if probability is not None and not 0 <= probability <= 1:
                raise PipelineError(
                    f"link {i}-{j} has probability {probability:g}, not one from 0 to 1"
                )

    @property
    def missing(self) -> list[Link]:
        """Sure gold links that are not among the links, sorted."""
        gold = self.gold or {}
        return sorted(link for link, sure in gold.items() if sure and link not in self.links)

    @property
    def extra(self) -> list[Link]:
        """Links that are not among the gold links, sorted; none without gold."""
        return [] if self.gold is None else sorted(self.links.keys() - self.gold.keys())


@dataclass(frozen=True)
class GoldFile:
    """A file of gold links; `read_gold` explains its formats and the two options."""

    path: Path
    english_first: bool = False
    one_based: bool = False


def read_drawn_pairs(
    source: Path,
    english: Path,
    links: Path,
    gold: GoldFile | None = None,
    language: str | None = None,
) -> list[DrawnPair]:
    """The sentence pairs of two tokenised texts with one line of links each, `0-0 1-2:0.87`.

    `gold` has links of the same sentences, which it may repeat. Raises PipelineError with the file
    and the line for faulty input.
    """
    if language is not None:
        check_language(language)
    source_text, english_text = _Text(source), _Text(english)
    if not source_text.tokens:
        raise PipelineError(f"{source}: is empty: give a text with one sentence per line")
    lines = read_tokens(links)
    for path, count in ((english, len(english_text.tokens)), (links, len(lines))):
        if count != len(source_text.tokens):
            raise PipelineError(
                f"{path}: {count} lines, but {source}: {len(source_text.tokens)}: give one line "
                "for each sentence pair, an empty one if it has nothing"
            )
    gold_links = _gold_links(gold, source_text, english_text) if gold else [None] * len(lines)
    rows = zip(source_text.tokens, english_text.tokens, lines, gold_links, strict=True)
    pairs = []
    for number, (words, english_words, line, of_gold) in enumerate(rows, start=1):
        try:
            pairs.append(DrawnPair(words, english_words, _links(line), of_gold, language))
        except PipelineError as error:
            raise PipelineError(
                f"{links}: line {number}: {error}: correct it, or give the text of these links"
            ) from error
    return pairs


class _Text:
    """A file, and the tokens of each of its lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tokens = read_tokens(path)


def _links(texts: Sequence[str]) -> dict[Link, float | None]:
    links: dict[Link, float | None] = {}
    for text in texts:
        match = LINK.fullmatch(text)
        if not match:
            raise PipelineError(f"{one_line(text, 40)!r} is not a link like 0-0 or 0-0:0.87")
        links[int(match[1]), int(match[2])] = None if match[3] is None else float(match[3])
    return links


def _gold_links(file: GoldFile, source: _Text, english: _Text) -> list[dict[Link, bool]]:
    """Whether each gold link is sure, by sentence pair."""
    paths = [None if has_sentences(file.path) else text.path for text in (source, english)]
    gold = read_gold(file.path, paths[0], paths[1], file.english_first, file.one_based)
    for text, sentences in ((source, gold.source), (english, gold.english)):
        if len(sentences) != len(text.tokens):
            raise PipelineError(
                f"{file.path}: {len(sentences)} sentence pairs, but {text.path}: "
                f"{len(text.tokens)} lines: draw the sentences of the gold links"
            )
        for number, (tokens, sentence) in enumerate(zip(text.tokens, sentences, strict=True), 1):
            if " ".join(tokens) != sentence:
                raise PipelineError(
                    f"{file.path}: line {number}: its sentence is not that of {text.path}: draw "
                    "the sentences of the gold links, with the same tokens"
                )
    sets = zip(gold.possible.by_sentence(), gold.sure.by_sentence(), strict=True)
    return [{link: link in sure for link in sorted(possible)} for possible, sure in sets]
