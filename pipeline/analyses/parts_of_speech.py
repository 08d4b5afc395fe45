"""Parts of speech of English words, by a trained pipeline of spaCy, which is an optional extra."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import PipelineError

# Universal parts of speech, by their names in spaCy; those of content words come first.
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
NAMES = [*PARTS.values()]
UNUSED = ("parser", "ner", "lemmatizer")  # components that tell nothing of parts of speech


def parts_of_speech(pairs: pd.DataFrame, english: Sequence[str], tagger: str) -> np.ndarray:
    """Which of NAMES the English word of each pair is in its sentence, objects [pairs].

    `pairs` is a table of `pairs.word_pairs`, and `english` the tokenised lines that it numbers.
    `tagger` is NAME==VERSION, where NAME is an installed pipeline of spaCy, or the folder of one.
    Raises PipelineError if spaCy or the pipeline is absent, of another version, or does not tag.
    """
    nlp = _load(tagger)
    from spacy.tokens import Doc

    lines = pairs["line"].unique().tolist()
    docs = nlp.pipe(Doc(nlp.vocab, english[line].split(" ")) for line in lines)
    tags = {line: [token.pos_ for token in doc] for line, doc in zip(lines, docs, strict=True)}
    places = zip(pairs["line"].tolist(), pairs["english_index"].tolist(), strict=True)
    found = pd.Series([tags[line][index] for line, index in places], dtype=object).map(PARTS)
    if found.isna().any():
        raise PipelineError(f"analyses.tagger: {tagger} does not tag every word's part of speech")
    return found.to_numpy(object)


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
            f"analyses.tagger: {name} is neither a folder with a pipeline of spaCy nor an "
            f"installed one: python -m spacy download --direct {name}-{version}"
        ) from None
    if nlp.meta["version"] != version:
        raise PipelineError(
            f"analyses.tagger: {name} is of version {nlp.meta['version']}, and not {version}"
        )
    return nlp
