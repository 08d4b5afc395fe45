"""Corpus names in params.

    software, europarl, ...                 a word of the catalogue
    opus:CORPUS@VERSION                     a corpus of OPUS in any of its languages, see `opus`
    file:SOURCE,ENGLISH                     two text files with equal line counts
    file:, https:, s3:, hf:, package:       a .tsv, .csv, .jsonl, .tmx, .parquet or Moses .zip, at
                                            one of the forms of `fetch.addresses`

Options after an address: `#source=NAME&english=NAME` gives the two column names (default: source
and english; a .tsv may also have these two columns and no header) or the language codes in a TMX or
Moses zip (default: the language and en). `member` is the end of a path in a .zip that is not Moses;
`header` lists all columns of a .tsv or .csv without a header line. `{language}` is replaced by the
language code.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from ..common.constraints import Limits, Passes, Positive
from ..common.errors import PipelineError
from ..fetch.addresses import Address, parse_address
from ..fetch.packed import PackedFile
from .catalogue import CATALOGUE, OPUS_KIND
from .opus import opus_addresses


@dataclass(frozen=True)
class Columns:
    """Column names of the two sides, or their language codes in a Moses zip or TMX.

    `header` lists all columns of a .tsv or .csv that has no header line. `member` is the end of a
    path inside a .zip.
    """

    source: str = "source"
    english: str = "english"
    header: tuple[str, ...] | None = None
    member: str | None = None


@dataclass(frozen=True)
class CorpusFile:
    """A parsed corpus name: a file and its two columns."""

    address: Address
    columns: Columns

    @property
    def local_files(self) -> list[Path]:
        """The file, or the two text files, of a `file:` address; otherwise none."""
        if self.address.kind != "file":
            return []
        return [Path(part) for part in self.address.place.split(",", 1)]


def parse_corpus(name: str, language: str) -> CorpusFile:
    """Parse a corpus name for a language; raises PipelineError if it is malformed."""
    address = parse_address(
        name.replace("{language}", language),
        "corpus",
        ("source", "english", "header", "member"),
        "no word of the catalogue nor",
    )
    options = address.options
    if "," in address.place and address.kind == "file" and "sha256" in options:
        raise PipelineError(f"corpus {name!r}: is two files: delete sha256, which is of one")
    member = options.get("member")
    by_language = PackedFile(Path(address.place), member).ending in (".zip", ".tmx")
    default = Columns(language, "en") if by_language else Columns()
    columns = Columns(
        options.get("source", default.source),
        options.get("english", default.english),
        tuple(options["header"].split(",")) if "header" in options else None,
        member,
    )
    return CorpusFile(address, columns)


def corpus_candidates(name: str, language: str) -> list[CorpusFile]:
    """The files that may be a corpus outside the catalogue: several for OPUS, otherwise one."""
    names = opus_addresses(name, language) if name.startswith(OPUS_KIND) else [name]
    return [parse_corpus(each, language) for each in names]


def check_name(name: str) -> None:
    """Raise PipelineError unless params may name this corpus."""
    if name not in CATALOGUE and ":" not in name:
        words = ", ".join(CATALOGUE)
        raise PipelineError(
            f"corpus {name!r}: not one of {words}, opus:CORPUS@VERSION, file:own/PATH or an address"
        )
    if name not in CATALOGUE:
        corpus_candidates(name, "de")


@dataclass(frozen=True)
class CorpusShare:
    """A corpus name in params and the maximum number of pairs to take from it.

    `share` is a fraction of the language's total. Without either limit, the corpus may supply
    all pairs.
    """

    name: Annotated[str, Passes(check_name, "a corpus")]
    max_pairs: Positive | None = None
    share: Annotated[float, Limits(gt=0, le=1)] | None = None
