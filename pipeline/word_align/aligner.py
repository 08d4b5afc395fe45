"""Align the words of sentences in memory, with an encoder that stays loaded.

An example:

    aligner = Aligner.load("artifacts/release", language="de")
    (pair,) = aligner.align([("Das Haus steht noch.", "The house still stands.")], scores=True)
    pair.source.words  # ("Das", "Haus", "steht", "noch", ".")
    pair.source.offsets  # ((0, 3), (4, 8), (9, 14), (15, 19), (19, 20))
    pair.pharaoh  # "0-0 1-1 2-3 3-2 4-4"
    pair.links[0]  # Link(source=0, english=0, probability=0.9999...)
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from ..common.errors import PipelineError
from ..tokenize.cleaning import INVISIBLE
from ..tokenize.moses import words
from ..tokenize.segmenters import check_spaces, needed_segmenter
from .encoder_aligner import EncoderAligner, open_aligner, scored_links
from .link_methods import THRESHOLD
from .settings import Method, Unit

Text = str | Sequence[str]
SPACE = re.compile(rf"\s|{INVISIBLE.pattern}")  # what tokenisation removes or splits at
NO_LISTS = Path(os.devnull)  # a folder without lists of abbreviations


@dataclass(frozen=True)
class Link:
    """Two words that translate each other, by their positions in the sentences, from 0.

    `probability` is that of `encoder_aligner.scored_links`; None if scores were not asked for.
    """

    source: int
    english: int
    probability: float | None = None


@dataclass(frozen=True)
class Tokens:
    """The words of a sentence.

    `offsets` are the first character of each word in the text and the one after its last:
    `text[start:end]` is the word, and any control characters inside it. They are None if words were
    given instead of a text.
    """

    words: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True)
class AlignedPair:
    """A sentence pair, and its links in the order of their source and English words."""

    source: Tokens
    english: Tokens
    links: tuple[Link, ...]

    @property
    def pharaoh(self) -> str:
        """The links as in the files of the pipeline: `0-0 1-2`."""
        return " ".join(f"{link.source}-{link.english}" for link in self.links)


@dataclass(frozen=True)
class Aligner:
    """Aligns sentences of `language`, a code such as de or zh-Hant, with English ones.

    Without `language` it aligns words only, not texts. `abbreviations` is a folder like
    data/abbreviations, whose files replace Moses' lists, see `tokenize.moses.words`.
    """

    encoder: EncoderAligner
    language: str | None = None
    abbreviations: Path = NO_LISTS

    @classmethod
    def load(
        cls,
        folder: Path | str,
        *,
        language: str | None = None,
        method: Method = "mutual",
        layer: int | None = None,
        unit: Unit = "words",
        threshold: float = THRESHOLD,
        abbreviations: Path | str = NO_LISTS,
        device: str | None = None,
    ) -> "Aligner":
        """An aligner with the encoder of a `save_pretrained` folder.

        `method` is mutual (few, precise links), itermax (more), softmax (those with a probability
        above `threshold` in both directions) or match (one link for each word of the shorter
        sentence); see `link_methods`. Other arguments and errors are those of
        `encoder_aligner.open_aligner`.
        """
        encoder = open_aligner(
            Path(folder),
            method,
            layer,
            language=language,
            unit=unit,
            threshold=threshold,
            device=device,
        )
        return cls(encoder, language, Path(abbreviations))

    def align(self, pairs: Sequence[tuple[Text, Text]], scores: bool = False) -> list[AlignedPair]:
        """The links of sentence pairs, source and English.

        Each side is a text, which is tokenised as in the step tokenize, or a list of words. With
        `scores` each link has its probability. Sentences of similar length are encoded together:
        give many pairs at once. Raises PipelineError for a text without `language`, or in a script
        that needs a segmenter which is missing, and as `encoder_aligner.align_words` does.
        """
        texts = [(source, english) for source, english in pairs if isinstance(source, str)]
        if texts and self.language:
            check_spaces(self.language, [(source, _joined(english)) for source, english in texts])
            needed_segmenter(self.language, [source for source, _ in texts])
        source = self._tokens([pair[0] for pair in pairs], self.language)
        english = self._tokens([pair[1] for pair in pairs], "en")
        links = scored_links(
            [each.words for each in source], [each.words for each in english], self.encoder
        ).by_sentence()
        return [
            AlignedPair(source[number], english[number], _links(of_pair, scores))
            for number, of_pair in enumerate(links)
        ]

    def _tokens(self, sides: Sequence[Text], language: str | None) -> list[Tokens]:
        texts = [side for side in sides if isinstance(side, str)]
        if texts and language is None:
            raise PipelineError(
                f"{texts[0][:40]!r}: is a text, and its language is not known: give language=..., "
                "or lists of words"
            )
        lines = iter(words(language, self.abbreviations, texts) if language else ())
        return [
            _with_offsets(side, next(lines)) if isinstance(side, str) else Tokens(tuple(side))
            for side in sides
        ]


def _with_offsets(text: str, line: str) -> Tokens:
    """The words of a tokenised line, and where they are in its text."""
    found = SPACE.sub(" ", line).split()
    places = [place for place, character in enumerate(text) if not SPACE.match(character)]
    if "".join(found) != "".join(map(text.__getitem__, places)):
        raise PipelineError(
            f"{text[:40]!r}: the tokeniser changes its characters: give it as a list of words"
        )
    bounds = pairwise(accumulate(map(len, found), initial=0))
    offsets = tuple((places[start], places[end - 1] + 1) for start, end in bounds)
    return Tokens(tuple(found), offsets)


def _joined(text: Text) -> str:
    return text if isinstance(text, str) else " ".join(text)


def _links(found: Mapping[tuple[int, int], float], scores: bool) -> tuple[Link, ...]:
    return tuple(Link(*words, value if scores else None) for words, value in found.items())
