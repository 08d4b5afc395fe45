"""Parts of speech of English words, tagged by spaCy (an optional extra)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import PipelineError

# Universal parts of speech by their names in spaCy; content words come first.
PARTS = {
    "NOUN": "noun",
    "PROPN": "proper noun",
    "VERB": "verb",
    "ADJ": "adjective",
    "ADV": "adverb",
    "NUM": "numeral",
    "INTJ": "interjection",
    "AUX": "auxiliary",
    "PRON": "pronoun",
    "DET": "determiner",
    "ADP": "adposition",
    "CCONJ": "coordinating conjunction",
    "SCONJ": "subordinating conjunction",
    "PART": "particle",
    "PUNCT": "punctuation",
    "SYM": "symbol",
    "X": "other",
}
PART_NAMES = [*PARTS.values()]
UNUSED = ("parser", "ner", "lemmatizer")  # components that parts of speech do not need


def parts_of_speech(pairs: pd.DataFrame, english: Sequence[str], tagger: str) -> np.ndarray:
    """The part of speech (of PART_NAMES) of each pair's English word in context, objects [pairs].

    `pairs` is a table of `pairs.word_pairs`; its column `line` indexes `english`, the tokenised
    lines. `tagger` is NAME==VERSION, where NAME is an installed spaCy pipeline or its folder.
    Raises PipelineError if spaCy or the pipeline is missing, if the version differs, or if the
    pipeline does not tag.
    """
    nlp = _load(tagger)
    from spacy.tokens import Doc

    lines = pairs["line"].unique().tolist()
    docs = nlp.pipe(Doc(nlp.vocab, english[line].split(" ")) for line in lines)
    tags = {line: [token.pos_ for token in doc] for line, doc in zip(lines, docs, strict=True)}
    places = zip(pairs["line"].tolist(), pairs["english_index"].tolist(), strict=True)
    parts = pd.Series([tags[line][index] for line, index in places], dtype=object).map(PARTS)
    if parts.isna().any():
        raise PipelineError(f"analyses.tagger: {tagger} does not tag every word's part of speech")
    return parts.to_numpy(object)


def _load(tagger: str) -> Any:
    try:
        import spacy
    except ImportError:
        raise PipelineError(
            "analyses.tagger: spaCy is not installed: "
            "pip install --constraint constraints.txt '.[tagger]'"
        ) from None
    name, _, version = tagger.partition("==")
    try:
        nlp = spacy.load(name, exclude=UNUSED)
    except OSError:
        raise PipelineError(
            f"analyses.tagger: {name} is neither a folder with a spaCy pipeline nor an "
            f"installed one: python -m spacy download --direct {name}-{version}"
        ) from None
    if nlp.meta["version"] != version:
        raise PipelineError(
            f"analyses.tagger: {name} has version {nlp.meta['version']}, not {version}"
        )
    return nlp
