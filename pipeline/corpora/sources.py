"""What params may name as a corpus, and reading it.

    software, europarl, ...                 a word of the catalogue
    file:SOURCE,ENGLISH                     two text files of equally many lines
    file:, https:, s3:, hf:, package:       a .tsv, .csv, .tmx, .parquet or Moses .zip, at one of
                                            the forms of `pipeline.addresses`

`#source=NAME&english=NAME` behind an address names the two columns (CSV, Parquet) or language
codes (zip, TMX; without it the language and en). `{language}` stands for the language's code.
"""

from dataclasses import dataclass
from pathlib import Path

from pipeline.addresses import Address, local_file, parse_address
from pipeline.corpora.formats import Columns, Pairs, read_file, read_two


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


def read_address(corpus: Corpus, cache: Path) -> Pairs:
    """Raw pairs of a corpus, fetched into `cache` where it is not local."""
    address = corpus.address
    if address.kind == "file" and "," in address.place:
        source, _, english = address.place.partition(",")
        yield from read_two(Path(source), Path(english))
    else:
        with local_file(address, cache) as path:
            yield from read_file(path, corpus.columns)
