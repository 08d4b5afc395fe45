"""The rules by which aligned words are word pairs."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..common.errors import PipelineError
from ..word_align.links import Links
from .placed_words import PlacedWords
from .settings import PairSettings


def chosen_links(
    links: Links, words: Sequence[PlacedWords], vocabulary: pa.Array, settings: PairSettings
) -> Links:
    """The links that are word pairs by the settings."""
    source, english = words
    source_word, english_word = linked_words(links, words)
    source_type, english_type = source.types[source_word], english.types[english_word]
    lengths = np.maximum(np.diff(source.bounds), np.diff(english.bounds))
    keep = lengths[links.sentence] <= settings.max_words
    keep &= source.usable[source_word] & english.usable[english_word]
    if settings.one_to_one:
        keep &= _occur_once(source_word) & _occur_once(english_word)
    if not settings.identical:
        keep &= source_type != english_type
    punctuation, numbers = _word_kinds(vocabulary)
    if not settings.punctuation:
        keep &= ~(punctuation[source_type] | punctuation[english_type])
    if not settings.numbers:
        keep &= ~(numbers[source_type] | numbers[english_type])
    return Links(links.keys[keep], links.sentences)


def linked_words(links: Links, words: Sequence[PlacedWords]) -> list[np.ndarray]:
    """The source word and the English word of each link, among all words of their sides."""
    linked = []
    for side, tokens in zip(words, (links.source, links.english), strict=True):
        fits = links.sentences == len(side.bounds) - 1
        if not fits or (tokens >= np.diff(side.bounds)[links.sentence]).any():
            raise PipelineError("pairs: links and sentences do not match: run word_align again")
        linked.append(side.bounds[links.sentence] + tokens)
    return linked


def _occur_once(words: np.ndarray) -> np.ndarray:
    """Whether each word occurs only once, bool [words]."""
    once: np.ndarray = np.bincount(words)[words] == 1
    return once


def _word_kinds(vocabulary: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Whether each type is punctuation, and whether it is a number, both bool [types].

    Punctuation has neither letters nor digits; numbers have digits and no letters.
    """
    letter = pc.match_substring_regex(vocabulary, r"\pL").to_numpy(zero_copy_only=False)
    digit = pc.match_substring_regex(vocabulary, r"\pN").to_numpy(zero_copy_only=False)
    return ~letter & ~digit, ~letter & digit
