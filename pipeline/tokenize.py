"""Moses tokens and the cleaning of Cao et al. (2020), whose script works on lines `src ||| tgt`."""

import re
from dataclasses import dataclass

import pandas as pd
from sacremoses import MosesTokenizer

from pipeline.errors import PipelineError

# These write without spaces between words, and Moses does not split them.
UNSEGMENTED = ("th", "zh")

# The authors delete "( DE ) " and the like: the two-letter language tags of Europarl.
LANGUAGE_TAG = re.compile(r"\( .. \) ")

# They drop lines with a backslash, soft hyphen, =, #, http, &gt; or &lt;. We tokenise without
# escapes, where the last two are > and <, and | (escaped with a #) is dropped with them.
UNWANTED = re.compile(r"[\\\u00ad=#<>|]|http")

# Every kind of space, control characters, zero-width space and byte order mark.
SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff]+")


@dataclass(frozen=True)
class Cleaning:
    """Bounds a pair must keep: characters of the line `src ||| tgt`, tokens of either side."""

    min_characters: int
    max_characters: int
    min_words: int


def tokenize(bitext: pd.DataFrame, language: str, cleaning: Cleaning) -> pd.DataFrame:
    """Tokenised pairs that survive the cleaning, in order.

    `bitext` has columns source and english; the result too, with tokens separated by one space.
    Raises PipelineError for a language that needs a segmenter, or if nothing survives.
    """
    if language in UNSEGMENTED:
        raise PipelineError(
            f"{language}: is written without spaces, and tokenize has no word segmenter: "
            "choose another language"
        )
    source, english = MosesTokenizer(language), MosesTokenizer("en")
    pairs = [
        pair
        for raw in zip(bitext["source"], bitext["english"], strict=True)
        if (pair := clean(_moses(source, raw[0]), _moses(english, raw[1]), cleaning))
    ]
    if not pairs:
        raise PipelineError(
            f"{language}: none of {len(bitext)} pairs survives the cleaning: "
            "widen the bounds of tokenize in params.yaml or name another corpus"
        )
    return pd.DataFrame(pairs, columns=["source", "english"])


def clean(source: str, english: str, cleaning: Cleaning) -> tuple[str, str] | None:
    """The cleaned pair of tokenised lines, or None where the pair is dropped."""
    source, english = (LANGUAGE_TAG.sub("", side) for side in (source, english))
    line = f"{source} ||| {english}"
    if UNWANTED.search(source) or UNWANTED.search(english):
        return None
    if not cleaning.min_characters < len(line) < cleaning.max_characters:
        return None
    source, english = (SPACES.sub(" ", side).strip() for side in (source, english))
    if min(len(source.split()), len(english.split())) < max(1, cleaning.min_words):
        return None
    return source, english


def _moses(tokenizer: MosesTokenizer, text: str) -> str:
    return str(tokenizer.tokenize(text, escape=False, return_str=True))
