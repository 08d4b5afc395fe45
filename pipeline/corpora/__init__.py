"""Parallel corpora: the languages, and reading what params name for one of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.corpora.catalogue import CATALOGUE, LANGUAGES, open_entry
from pipeline.corpora.sampling import take
from pipeline.corpora.sources import parse, read_address
from pipeline.corpora.text import Tidy
from pipeline.errors import PipelineError

__all__ = ["CATALOGUE", "LANGUAGES", "Source", "check_name", "read_corpora"]


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
    sources: Sequence[Source], language: str, cache: Path, *, max_pairs: int, sample: str, seed: int
) -> tuple[pd.DataFrame, Counter[str]]:
    """The pairs of all sources one after the other, and how often each rule of the text applied.

    Columns: source, english, corpus (its name), line (in the corpus, from 1); at most `max_pairs`
    rows. Raises PipelineError, also for a corpus without any pair.
    """
    tidy = Tidy()
    frames: list[pd.DataFrame] = []
    for source in sources:
        size = min(
            source.max_pairs or max_pairs,
            round((source.share or 1) * max_pairs),
            max_pairs - sum(map(len, frames)),
        )
        if size <= 0:
            break
        raw = (
            open_entry(CATALOGUE[source.name], language, cache)
            if source.name in CATALOGUE
            else read_address(parse(source.name, language), cache)
        )
        rows = take(tidy(raw), size, sample, seed)
        if not rows:
            raise PipelineError(
                f"corpus {source.name!r}: is empty for {language}: name another corpus"
            )
        frame = pd.DataFrame(rows, columns=["line", "source", "english"])
        frames.append(frame.assign(corpus=source.name))
    columns = ["source", "english", "corpus", "line"]
    return pd.concat(frames, ignore_index=True)[columns], tidy.counts
