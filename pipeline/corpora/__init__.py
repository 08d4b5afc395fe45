"""The catalogue of parallel corpora, and reading one of them by name."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.corpora.local import read_tsv
from pipeline.corpora.software import read_software
from pipeline.errors import PipelineError

# The target languages of XNLI; English is always the other side.
LANGUAGES = ("ar", "bg", "de", "el", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")


@dataclass(frozen=True)
class Corpus:
    """One entry: `read(language, cache)` yields raw (source, English) pairs in a fixed order."""

    name: str
    version: str
    licence: str
    languages: tuple[str, ...]
    read: Callable[[str, Path], Iterator[tuple[str, str]]]


CATALOGUE = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            name="software",
            version="homeassistant 2026.11.0, weblate 2026.10.1, gramps 6.0.8",
            licence="Apache-2.0, GPL-3.0-or-later, GPL-2.0-or-later",
            languages=("ar", "bg", "de", "el", "es", "fr", "ru", "tr", "vi"),
            read=read_software,
        ),
    )
}


def is_corpus(name: str) -> bool:
    """Whether params may name this corpus."""
    return name in CATALOGUE or name.startswith("file:")


def read_corpus(name: str, language: str, cache: Path, max_pairs: int) -> pd.DataFrame:
    """The corpus `name`, as columns source and english (whitespace folded), one row a pair.

    Pairs with an empty side and repeated pairs are left out. A file keeps its order; a catalogue
    is put in the order of a hash of the English text, so that its first n pairs are a sample of
    all its parts, and roughly the same sentences in every language. Raises PipelineError.
    """
    if name.startswith("file:"):
        pairs = read_tsv(Path(name.removeprefix("file:")))
    elif name not in CATALOGUE:
        raise PipelineError(f"corpus {name!r}: not one of {', '.join(CATALOGUE)}, file:PATH")
    elif language not in CATALOGUE[name].languages:
        covered = ", ".join(CATALOGUE[name].languages)
        raise PipelineError(f"corpus {name!r}: has no {language}: it covers {covered}")
    else:
        pairs = CATALOGUE[name].read(language, cache)
    unique = dict.fromkeys((_fold(source), _fold(english)) for source, english in pairs)
    kept = [pair for pair in unique if all(pair)]
    if not name.startswith("file:"):
        kept.sort(key=lambda pair: (_hash(pair[1]), pair))
    if not kept:
        raise PipelineError(f"corpus {name!r}: is empty for {language}: name another corpus")
    return pd.DataFrame(kept[:max_pairs], columns=["source", "english"])


def _fold(text: str) -> str:
    return " ".join(text.split())


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
