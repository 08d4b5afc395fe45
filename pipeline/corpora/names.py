"""What params may name as a corpus.

    software, europarl, ...                 a word of the catalogue
    file:SOURCE,ENGLISH                     two text files of equally many lines
    file:, https:, s3:, hf:, package:       a .tsv, .csv, .tmx, .parquet or Moses .zip, at one of
                                            the forms of `fetch.addresses`

`#source=NAME&english=NAME` behind an address names the two columns (CSV, Parquet) or language
codes (zip, TMX; without it the language and en). `{language}` stands for the language's code.
"""

from dataclasses import dataclass

from ..common.errors import PipelineError
from ..fetch.addresses import Address, parse_address
from .catalogue import CATALOGUE


@dataclass(frozen=True)
class Columns:
    """Where the two sides stand: column names, or language codes in a zip or TMX."""

    source: str = "source"
    english: str = "english"


@dataclass(frozen=True)
class Corpus:
    """A parsed name: a file and where its two sides stand."""

    address: Address
    columns: Columns


def parse(name: str, language: str) -> Corpus:
    """The corpus that `name` is for a language; raises PipelineError for another form."""
    address = parse_address(
        name.replace("{language}", language),
        "corpus",
        ("source", "english"),
        "no word of the catalogue nor",
    )
    by_language = address.place.endswith((".zip", ".tmx", ".tmx.gz"))
    default = Columns(language, "en") if by_language else Columns()
    source = address.options.get("source", default.source)
    return Corpus(address, Columns(source, address.options.get("english", default.english)))


def check_name(name: str) -> None:
    """Raise PipelineError unless params may name this corpus."""
    if name not in CATALOGUE and ":" not in name:
        words = ", ".join(CATALOGUE)
        raise PipelineError(f"corpus {name!r}: not one of {words}, file:PATH or an address")
    if name not in CATALOGUE:
        parse(name, "en")
