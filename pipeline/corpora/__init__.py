"""Parallel corpora: the languages, and reading what params name for one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from pipeline.corpora.catalogue import CATALOGUE, LANGUAGES, open_entry
from pipeline.corpora.formats import Pairs
from pipeline.corpora.sampling import take
from pipeline.corpora.sources import parse, read_address
from pipeline.corpora.text import Tidy
from pipeline.errors import PipelineError

__all__ = ["CATALOGUE", "LANGUAGES", "Source", "Tidy", "check_name", "read_corpora"]

CHUNK = 10_000


@dataclass(frozen=True)
class Source:
    """One corpus of a language: its name in params, and at most how many of its pairs to take.

    `share` is of the pairs of the language; without either, all of these may come from it.
    """

    name: str
    max_pairs: int | None = None
    share: float | None = None


def check_name(name: str) -> None:
    """Raise PipelineError unless params may name this corpus."""
    if name not in CATALOGUE and ":" not in name:
        words = ", ".join(CATALOGUE)
        raise PipelineError(f"corpus {name!r}: not one of {words}, file:PATH or an address")
    if name not in CATALOGUE:
        parse(name, "en")


def read_corpora(
    sources: Sequence[Source],
    language: str,
    cache: Path,
    tidy: Tidy,
    *,
    max_pairs: int,
    sample: str,
    seed: int,
) -> Iterator[pd.DataFrame]:
    """Yield the pairs of all sources one after the other, in frames of at most CHUNK rows.

    Columns: source, english, corpus (its name), line (in the corpus, from 1); at most `max_pairs`
    rows in all. `tidy` cleans them, and counts. Raises PipelineError, also for a corpus without
    any pair.
    """
    left = max_pairs
    for source in sources:
        size = min(left, source.max_pairs or left, round((source.share or 1) * max_pairs))
        if size <= 0:
            return
        rows = take(tidy(_raw(source.name, language, cache)), size, sample, seed)
        before = left
        while chunk := list(islice(rows, CHUNK)):
            frame = pd.DataFrame(chunk, columns=["line", "source", "english"])
            yield frame.assign(corpus=source.name)[["source", "english", "corpus", "line"]]
            left -= len(chunk)
        if left == before:
            raise PipelineError(
                f"corpus {source.name!r}: is empty for {language}: name another corpus"
            )


def _raw(name: str, language: str, cache: Path) -> Pairs:
    if name in CATALOGUE:
        return open_entry(CATALOGUE[name], language, cache)
    return read_address(parse(name, language), cache)
