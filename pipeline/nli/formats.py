"""Readers of files of labelled sentence pairs, one example a row, in the file's order.

    .tsv        a header, then fields without quoting: a quote is a quote (XNLI, XNLI-MT)
    .csv        a header, quoted as in RFC 4180
    .jsonl      an object a line (MultiNLI)
    .parquet    columns of text, and the label as text or number (facebook/xnli)

The first three also as .gz; any as a member of a .zip.
"""

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ..common.errors import PipelineError
from ..fetch.archives import open_archive
from .sources import Layout

Rows = Iterator[tuple[int, Mapping[str, Any]]]  # line of the file from 1, its fields by name
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def origin(path: Path, layout: Layout) -> str:
    """What a file, or a member of it, is called in errors."""
    return f"{path}, {layout.member}" if layout.member else str(path)


def read_rows(path: Path, layout: Layout) -> Rows:
    """Yield every row of a file with the columns of its layout.

    Raises PipelineError naming the file, the line where there is one, and the remedy.
    """
    readers = {".tsv": _tsv, ".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
    ending = PurePosixPath(layout.member or path.name.removesuffix(".gz")).suffix
    if ending not in readers:
        remedy = f"use one of {', '.join(readers)}, or a .zip with #member="
        raise PipelineError(f"{origin(path, layout)}: unknown ending: {remedy}")
    if not path.is_file():
        raise PipelineError(f"{path}: no such file: correct `nli` in params.yaml")
    with _opened(path, layout) as file:
        yield from readers[ending](file, layout, origin(path, layout))


def has_member(path: Path, member: str) -> bool:
    """Whether a zip has a member whose path ends so; raises PipelineError if it is no zip."""
    with open_archive(path) as archive:
        return bool(_members(archive, member))


def _members(archive: zipfile.ZipFile, member: str) -> list[zipfile.ZipInfo]:
    # Whole names: beside a file, macOS packs one whose name only ends alike.
    return [info for info in archive.infolist() if f"/{info.filename}".endswith(f"/{member}")]


@contextmanager
def _opened(path: Path, layout: Layout) -> Iterator[IO[bytes]]:
    try:
        if layout.member is None:
            opener = gzip.open if path.suffix == ".gz" else open
            with opener(path, "rb") as file:
                yield cast(IO[bytes], file)
            return
        with open_archive(path) as archive:
            found = _members(archive, layout.member)
            if len(found) != 1:
                told = f"has {len(found)} members that end in {layout.member}, not one"
                raise PipelineError(f"{path}: {told}: correct `nli` in params.yaml")
            with archive.open(found[0]) as member:
                yield member
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise PipelineError(f"{path}: not a whole file ({error}): fetch it again") from error


def _tsv(file: IO[bytes], layout: Layout, name: str) -> Rows:
    header = list(layout.header or ())
    if header:
        _check_columns(header, layout, name)
    for number, line in enumerate(file, start=1):
        raw = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        fields = _text(raw, name, number).rstrip("\r\n").split("\t")
        if not header:
            header = fields
            _check_columns(header, layout, name)
            continue
        if len(fields) != len(header):
            told = f"{len(fields)} fields, but {len(header)} columns"
            raise PipelineError(f"{name}:{number}: {told}: write one example a line, tabs between")
        yield number, dict(zip(header, fields, strict=True))


def _csv(file: IO[bytes], layout: Layout, name: str) -> Rows:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    reader = csv.DictReader(text, layout.header, strict=True)
    try:
        _check_columns(reader.fieldnames or [], layout, name)
        for row in reader:
            if None in row or None in row.values():
                told = "another number of fields than columns"
                raise PipelineError(f"{name}:{reader.line_num}: {told}: mend the file")
            yield reader.line_num, row
    except (UnicodeDecodeError, csv.Error) as error:
        where = f"{name}:{reader.line_num + 1}"
        raise PipelineError(f"{where}: not UTF-8 CSV ({error}): mend the file") from error


def _jsonl(file: IO[bytes], layout: Layout, name: str) -> Rows:
    for number, line in enumerate(file, start=1):
        try:
            row = json.loads(_text(line, name, number))
        except json.JSONDecodeError as error:
            raise PipelineError(f"{name}:{number}: not JSON ({error}): mend the file") from error
        if not isinstance(row, dict):
            raise PipelineError(f"{name}:{number}: not a JSON object: write one example a line")
        _check_columns(row, layout, f"{name}:{number}")
        yield number, row


def _parquet(file: IO[bytes], layout: Layout, name: str) -> Rows:
    try:
        # A member of a zip cannot be read from its end, where Parquet begins.
        table = pq.ParquetFile(file if layout.member is None else io.BytesIO(file.read()))
    except pa.ArrowInvalid as error:
        raise PipelineError(f"{name}: not Parquet ({error}): fetch it again") from error
    _check_columns(table.schema_arrow.names, layout, name)
    number = 0
    for batch in table.iter_batches(batch_size=10_000, columns=layout.columns):
        for row in batch.to_pylist():
            number += 1
            yield number, row


def _text(line: bytes, name: str, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PipelineError(f"{name}:{number}: not UTF-8 ({error.reason}): convert it") from error


def _check_columns(found: Any, layout: Layout, name: str) -> None:
    for column in layout.columns:
        if column not in found:
            raise PipelineError(
                f"{name}: has no column {column!r}, but {', '.join(map(str, found))}: name them, "
                "as in file:PATH#premise=sentence1&hypothesis=sentence2&label=gold_label"
            )
