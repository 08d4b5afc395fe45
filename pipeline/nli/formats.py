"""Readers of labelled sentence pairs, one example per row, in file order.

    .tsv        a header, then fields without quoting; quotes are ordinary text (XNLI, XNLI-MT)
    .csv        a header, quoted as in RFC 4180
    .jsonl      one object per line (MultiNLI)
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
    """The name of a file, or of its member, in error messages."""
    return f"{path}, {layout.member}" if layout.member else str(path)


def read_rows(path: Path, layout: Layout) -> Rows:
    """Yield every row of a file with the columns of its layout.

    Raises PipelineError with the file, the line if known, and the remedy.
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
    """Whether a zip has a member with this path ending; raises PipelineError for another file."""
    with open_archive(path) as archive:
        return bool(_members(archive, member))


def _members(archive: zipfile.ZipFile, member: str) -> list[zipfile.ZipInfo]:
    # Match whole names: macOS adds a file `._NAME` for each file `NAME`.
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
            members = _members(archive, layout.member)
            if len(members) != 1:
                detail = f"has {len(members)} members that end in {layout.member}, not one"
                raise PipelineError(f"{path}: {detail}: correct `nli` in params.yaml")
            with archive.open(members[0]) as member:
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
            detail = f"{len(fields)} fields, but {len(header)} columns"
            raise PipelineError(
                f"{name}:{number}: {detail}: write one example per line, separated by tabs"
            )
        yield number, dict(zip(header, fields, strict=True))


def _csv(file: IO[bytes], layout: Layout, name: str) -> Rows:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    reader = csv.DictReader(text, layout.header, strict=True)
    try:
        _check_columns(reader.fieldnames or [], layout, name)
        for row in reader:
            if None in row or None in row.values():
                detail = "different numbers of fields and columns"
                raise PipelineError(f"{name}:{reader.line_num}: {detail}: fix the file")
            yield reader.line_num, row
    except (UnicodeDecodeError, csv.Error) as error:
        where = f"{name}:{reader.line_num + 1}"
        raise PipelineError(f"{where}: not UTF-8 CSV ({error}): fix the file") from error


def _jsonl(file: IO[bytes], layout: Layout, name: str) -> Rows:
    for number, line in enumerate(file, start=1):
        try:
            row = json.loads(_text(line, name, number))
        except json.JSONDecodeError as error:
            raise PipelineError(f"{name}:{number}: not JSON ({error}): fix the file") from error
        if not isinstance(row, dict):
            raise PipelineError(f"{name}:{number}: not a JSON object: write one example per line")
        _check_columns(row, layout, f"{name}:{number}")
        yield number, row


def _parquet(file: IO[bytes], layout: Layout, name: str) -> Rows:
    try:
        # Parquet is read from its end, which a zip member does not support.
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


def _check_columns(available: Any, layout: Layout, name: str) -> None:
    for column in layout.columns:
        if column not in available:
            raise PipelineError(
                f"{name}: has no column {column!r}, but {', '.join(map(str, available))}: name "
                "them, as in file:PATH#premise=sentence1&hypothesis=sentence2&label=gold_label"
            )
