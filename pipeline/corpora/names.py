"""Corpus names in params.

    software, europarl, ...                 a word of the catalogue
    file:SOURCE,ENGLISH                     two text files with equal line counts
    file:, https:, s3:, hf:, package:       a .tsv, .csv, .tmx, .parquet or Moses .zip, at one of
                                            the forms of `fetch.addresses`

`#source=NAME&english=NAME` after an address gives the two column names (CSV, Parquet) or language
codes (zip, TMX; default: the language and en). `{language}` is replaced by the language code.
"""

from dataclasses import dataclass
from typing import Annotated

from ..common.constraints import Limits, Passes, Positive
from ..common.errors import PipelineError
from ..fetch.addresses import Address, parse_address
from .catalogue import CATALOGUE


@dataclass(frozen=True)
class Columns:
    """Column names of the two sides, or their language codes in a zip or TMX."""

    source: str = "source"
    english: str = "english"


@dataclass(frozen=True)
class CorpusFile:
    """A parsed corpus name: a file and its two columns."""

    address: Address
    columns: Columns


def parse_corpus(name: str, language: str) -> CorpusFile:
    """Parse a corpus name for a language; raises PipelineError if it is malformed."""
    address = parse_address(
        name.replace("{language}", language),
        "corpus",
        ("source", "english"),
        "no word of the catalogue nor",
    )
    by_language = address.place.endswith((".zip", ".tmx", ".tmx.gz"))
    default = Columns(language, "en") if by_language else Columns()
    source = address.options.get("source", default.source)
    return CorpusFile(address, Columns(source, address.options.get("english", default.english)))


def check_name(name: str) -> None:
    """Raise PipelineError unless params may name this corpus."""
    if name not in CATALOGUE and ":" not in name:
        words = ", ".join(CATALOGUE)
        raise PipelineError(f"corpus {name!r}: not one of {words}, file:PATH or an address")
    if name not in CATALOGUE:
        parse_corpus(name, "en")


@dataclass(frozen=True)
class CorpusShare:
    """A corpus name in params and the maximum number of pairs to take from it.

    `share` is a fraction of the language's total. Without either limit, the corpus may supply
    all pairs.
    """

    name: Annotated[str, Passes(check_name, "a corpus")]
    max_pairs: Positive | None = None
    share: Annotated[float, Limits(gt=0, le=1)] | None = None
