"""Tables in files of several formats, row by row, in file order.

    .tsv        fields without quoting; quotes are ordinary text
    .csv        quoted as in RFC 4180
    .jsonl      one object per line
    .parquet    columns of text or numbers

The first three also as .gz; any as a member of a .zip. The first line of a .tsv or .csv is its
header, unless the caller gives one. `a.b` is a column of that name, or field b of the struct or
object a, such as `translation.de` on the Hugging Face Hub.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..common.errors import DamagedError, PipelineError, one_line
from .csv_records import csv_records
from .packed import PackedFile
from .parquet_rows import ParquetRows, path_of
from .text_lines import decoded, text_lines

Cells = Mapping[str, Any]  # of one row, by column
Rows = Iterator[tuple[int, Cells]]  # with the line of the file, from 1
UnreadRow = tuple[int, Callable[[], Cells]]  # its line; its cells, or PipelineError for a fault


@dataclass
class RowFaults:
    """The rows that were skipped because of a fault; more than the share `limit` is refused.

    `messages` has one line for each.
    """

    limit: float = 0.0
    messages: list[str] = field(default_factory=list)

    def add(self, fault: PipelineError) -> None:
        """Skip a row, or raise its fault if none may be skipped."""
        if not self.limit:
            raise fault
        self.messages.append(str(fault))

    def check(self, rows: int) -> None:
        """Raise PipelineError if too many of all `rows` were skipped."""
        if len(self.messages) > self.limit * rows:
            detail = f"so are {len(self.messages)} of {rows} rows, at most {self.limit:.1%} may be"
            raise PipelineError(f"{self.messages[0]} ({detail})")


@dataclass(frozen=True)
class Table:
    """A file with a table, and the `columns` to read.

    `header` names all columns of a .tsv or .csv without a header line. `remedy` says, in errors,
    how to name columns. With `undecoded`, bytes of a .tsv that are not UTF-8 become lone
    surrogates; otherwise they are a fault.
    """

    file: PackedFile
    columns: Sequence[str]
    remedy: str
    header: Sequence[str] | None = None
    undecoded: bool = False


def read_table(table: Table, faults: RowFaults | None = None) -> Rows:
    """Yield the number of the line, or of the row in a .parquet, and its cells.

    Cells are text; those of .jsonl and .parquet may be any value. Raises PipelineError with the
    file, the line if known, and the remedy. A row whose fields do not fit is a fault for `faults`.
    """
    faults = faults or RowFaults()
    if table.file.ending not in TABLE_READERS:
        remedy = f"use one of {', '.join(TABLE_READERS)}, or a .zip with #member="
        raise PipelineError(f"{table.file}: unknown ending: {remedy}")
    rows = 0
    for line, read_cells in TABLE_READERS[table.file.ending](table):
        rows += 1
        try:
            cells = read_cells()
        except PipelineError as fault:
            faults.add(fault)
        else:
            yield line, cells
    faults.check(rows)


def text_cell(value: object, column: str, where: str) -> str:
    """A cell as text; raises PipelineError if it is not."""
    try:
        if isinstance(value, bytes):
            return value.decode("utf-8")
        if isinstance(value, str):
            value.encode("utf-8")  # JSON can carry lone surrogates, which are not text
            return value
    except UnicodeError:
        pass
    raise PipelineError(f"{where}: {column} is {value!r:.40}, not text: fix the file")


def _tsv(table: Table) -> Iterator[UnreadRow]:
    def fields(line: bytes, number: int) -> list[str]:
        if table.undecoded:
            text = line.decode("utf-8", "surrogateescape")
        else:
            text = decoded(line, f"{table.file}:{number}")
        return text.rstrip("\r\n").split("\t")

    with table.file.open() as file:
        lines = enumerate(text_lines(file, str(table.file)), start=1)
        records = ((number, line) for number, line in lines if line.strip(b"\r\n"))
        yield from _under_header(
            table, records, fields, "write one row per line, with tabs between"
        )


def _csv(table: Table) -> Iterator[UnreadRow]:
    with table.file.open() as file:
        records = csv_records(text_lines(file, str(table.file)), str(table.file))
        remedy = "quote texts with commas, as in RFC 4180"
        yield from _under_header(table, records, lambda fields, _: fields, remedy)


def _under_header(
    table: Table,
    records: Iterator[tuple[int, Any]],
    split: Callable[[Any, int], list[str]],
    remedy: str,
) -> Iterator[UnreadRow]:
    def cells(record: Any, number: int) -> Cells:
        fields = split(record, number)
        if len(fields) != len(header):
            detail = f"{len(fields)} fields, but {len(header)} columns"
            raise DamagedError(f"{table.file}:{number}: {detail}: {remedy}")
        return dict(zip(header, fields, strict=True))

    header: Sequence[str] = ()
    for number, record in records:
        if not header:
            first = split(record, number)
            header = _header(table, first)
            if header is first:
                continue
        yield number, partial(cells, record, number)


def _header(table: Table, first: Sequence[str]) -> Sequence[str]:
    """The names of the columns: the first line, unless the caller gives others."""
    if table.header is None or set(table.columns) <= set(first):
        _check_columns(first, table, str(table.file))
        return first
    _check_columns(table.header, table, str(table.file))
    return table.header


def _jsonl(table: Table) -> Iterator[UnreadRow]:
    with table.file.open() as file:
        for number, line in enumerate(text_lines(file, str(table.file)), start=1):
            where = f"{table.file}:{number}"
            if number == 1 and line.lstrip().startswith(b"["):
                detail = "not a JSON object, but an array"
                raise PipelineError(f"{where}: {detail}: write one object per line")
            if line.strip():
                yield number, partial(_json_cells, table, where, line)


def _json_cells(table: Table, where: str, line: bytes) -> Cells:
    try:
        row = json.loads(decoded(line, where))
    except (ValueError, RecursionError) as error:
        raise DamagedError(
            f"{where}: not JSON ({one_line(error)}): write one object per line"
        ) from error
    if not isinstance(row, dict):
        raise PipelineError(f"{where}: not a JSON object: write one object per line")
    cells = {}
    for column in table.columns:
        path = path_of(column, row)
        if path is None:
            raise _no_column(column, list(row), table, where)
        cell: Any = row
        for name in path:
            cell = cell[name]
        cells[column] = cell
    return cells


def _parquet(table: Table) -> Iterator[UnreadRow]:
    with table.file.open() as file:
        # Parquet is read from its end, which would decompress a packed file twice.
        content = io.BytesIO(file.read()) if table.file.packed else table.file.path
        rows = ParquetRows(content, str(table.file))
        _check_columns(rows.names, table, str(table.file))
        for number, cells in enumerate(rows.read(table.columns), start=1):
            yield number, partial(dict, zip(table.columns, cells, strict=True))


def _check_columns(names: Sequence[str], table: Table, where: str) -> None:
    for column in table.columns:
        times = names.count(column)
        if not times:
            raise _no_column(column, names, table, where)
        if times > 1:
            raise PipelineError(f"{where}: has {times} columns {column!r}: rename all but one")


def _no_column(column: str, names: Sequence[str], table: Table, where: str) -> PipelineError:
    available = one_line(", ".join(names), 300)
    mark = next((mark for mark in ";\t," if len(names) == 1 and mark in names[0]), None)
    remedy = f"separate columns by tabs in .tsv, by commas in .csv, not by {mark!r}"
    return PipelineError(
        f"{where}: has no column {column!r}, but {available}: {remedy if mark else table.remedy}"
    )


TABLE_READERS: Mapping[str, Callable[[Table], Iterator[UnreadRow]]] = {
    ".tsv": _tsv,
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
