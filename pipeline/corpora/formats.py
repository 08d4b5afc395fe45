"""Readers of parallel files. Each yields raw (source, English) pairs in file order."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, cast
from xml.etree.ElementTree import ParseError

import pyarrow.parquet as pq
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ..common.errors import PipelineError
from ..fetch.archives import open_archive
from .names import Columns
from .text_rules import Raw

RawPairs = Iterator[tuple[Raw, Raw]]
Opener = Callable[[], IO[bytes]]

XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_file(path: Path, columns: Columns) -> RawPairs:
    """Read a .tsv, .csv, .tmx (each also as .gz), .parquet or Moses .zip file.

    The file name extension selects the reader. Raises PipelineError with the file, the line if
    known, and the remedy.
    """
    readers = {".tsv": _tsv, ".csv": _csv, ".tmx": _tmx, ".parquet": _parquet, ".zip": _moses}
    ending = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if ending not in readers:
        raise PipelineError(f"{path}: unknown ending: use one of {', '.join(readers)}")
    if not path.is_file():
        raise PipelineError(f"{path}: no such file: correct `corpus` in params.yaml")
    yield from readers[ending](path, columns)


def read_two(source: Path, english: Path) -> RawPairs:
    """Read two text files with equal line counts; files named .gz are decompressed."""
    for path in (source, english):
        if not path.is_file():
            raise PipelineError(f"{path}: no such file: correct `corpus` in params.yaml")
    yield from _parallel(partial(_open, source), partial(_open, english), f"{source}, {english}")


def _open(path: Path) -> IO[bytes]:
    opener = gzip.open if path.suffix == ".gz" else open
    return cast(IO[bytes], opener(path, "rb"))


def _parallel(source: Opener, english: Opener, name: str) -> RawPairs:
    # Count before yielding the first pair, because some callers stop early.
    counts = []
    for side in (source, english):
        with side() as file:
            counts.append(sum(1 for _ in file))
    if counts[0] != counts[1]:
        raise PipelineError(
            f"{name}: {counts[0]} source lines, but {counts[1]} English lines: they are not "
            "parallel, fetch them again"
        )
    with source() as first, english() as second:
        yield from zip(first, second, strict=True)


def _tsv(path: Path, columns: Columns) -> RawPairs:
    del columns  # a TSV has two columns: source TAB English
    with _open(path) as file:
        for number, line in enumerate(file, start=1):
            fields = line.split(b"\t")
            if len(fields) != 2:
                raise PipelineError(
                    f"{path}:{number}: {len(fields)} columns: write source TAB English"
                )
            yield fields[0], fields[1]


def _csv(path: Path, columns: Columns) -> RawPairs:
    with _open(path) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        try:
            _check_columns(path, columns, reader.fieldnames or [])
            for row in reader:
                yield row[columns.source] or "", row[columns.english] or ""
        except (UnicodeDecodeError, csv.Error) as error:
            where = f"{path}:{reader.line_num + 1}"
            raise PipelineError(f"{where}: not UTF-8 CSV ({error}): fix the file") from error


def _parquet(path: Path, columns: Columns) -> RawPairs:
    """Read two text columns; `a.b` is field b of struct a, such as the hub's `translation.de`."""
    file = pq.ParquetFile(path)
    names = [columns.source, columns.english]
    _check_columns(path, columns, [field.path for field in file.schema])
    for batch in file.iter_batches(batch_size=10_000, columns=names):
        sides = [_column(batch.to_pydict(), name) for name in names]
        yield from zip(*sides, strict=True)


def _column(batch: dict[str, list[Any]], name: str) -> list[str]:
    outer, _, inner = name.partition(".")
    return [(cell[inner] if inner else cell) or "" for cell in batch[outer]]


def _check_columns(path: Path, columns: Columns, available: Any) -> None:
    for name in (columns.source, columns.english):
        if name not in available:
            raise PipelineError(
                f"{path}: has no column {name!r}, but {', '.join(map(str, available))}: name two "
                "of them, as in file:PATH#source=de&english=en"
            )


def _tmx(path: Path, columns: Columns) -> RawPairs:
    """Yield one pair per <tu>; `de` also matches de-AT. Entity declarations are refused."""
    with _open(path) as file:
        try:
            for _, unit in iterparse(file):
                if unit.tag == "tu":
                    texts = dict(_variants(unit))
                    sides = [_text(texts, code) for code in (columns.source, columns.english)]
                    unit.clear()
                    yield sides[0], sides[1]
        except (ParseError, DefusedXmlException) as error:
            raise PipelineError(f"{path}: not TMX ({error}): fix the file") from error


def _variants(unit: Any) -> Iterator[tuple[str, str]]:
    for variant in unit.iter("tuv"):
        language = variant.get(XML_LANGUAGE) or variant.get("lang") or ""
        segment = variant.find("seg")
        yield language.lower(), "" if segment is None else "".join(segment.itertext())


def _text(texts: dict[str, str], code: str) -> str:
    regional = [text for name, text in texts.items() if name.split("-")[0] == code]
    return texts.get(code) or (regional[0] if regional else "")


def _moses(path: Path, columns: Columns) -> RawPairs:
    """Stream a zip that has one member per side, whose name ends in the language code."""
    with open_archive(path) as archive:
        names = [_member(path, archive, f".{code}") for code in (columns.source, columns.english)]
        source, english = (partial(archive.open, name) for name in names)
        yield from _parallel(source, english, str(path))


def _member(path: Path, archive: zipfile.ZipFile, ending: str) -> zipfile.ZipInfo:
    members = [info for info in archive.infolist() if info.filename.endswith(ending)]
    if len(members) != 1:
        raise PipelineError(f"{path}: has {len(members)} members that end in {ending}, not one")
    return members[0]
