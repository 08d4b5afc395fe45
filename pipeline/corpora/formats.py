"""Readers of parallel files. Each yields raw (source, English) pairs in file order."""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import IO, Any

from ..common.errors import DamagedError, PipelineError
from ..fetch.archives import is_resource_fork, open_archive, open_only
from ..fetch.packed import PackedFile
from ..fetch.tables import TABLE_READERS, Table, read_table, text_cell
from ..fetch.text_lines import text_lines
from .names import Columns
from .text_rules import Raw
from .tmx import plain_code, tmx_pairs

RawPairs = Iterator[tuple[Raw, Raw]]
Opener = Callable[[], AbstractContextManager[IO[bytes]]]

TWO_COLUMNS = ("source", "english")  # of a .tsv without a header
NAME_SIDES = "name two of them, as in file:own/PATH#source=de&english=en"


def read_file(path: Path, columns: Columns) -> RawPairs:
    """Read a .tsv, .csv, .jsonl, .tmx (each also as .gz), .parquet or Moses .zip file.

    The file name extension selects the reader. All but the last may also be a member of a .zip.
    Raises PipelineError with the file, the line if known, and the remedy.
    """
    file = PackedFile(path, columns.member)
    if columns.source == columns.english:
        raise PipelineError(f"{file}: both sides are {columns.source!r}: {NAME_SIDES}")
    if file.ending == ".zip" and columns.member is None:
        yield from _moses(path, columns)
    elif file.ending == ".tmx":
        with file.open() as content:
            yield from tmx_pairs(content, str(file), columns.source, columns.english)
    elif file.ending in TABLE_READERS:
        yield from _table(file, columns)
    else:
        endings = ", ".join([*TABLE_READERS, ".tmx", ".zip"])
        raise PipelineError(f"{file}: unknown ending: use one of {endings}")


def read_two(source: Path, english: Path) -> RawPairs:
    """Read two text files with equal line counts; files named .gz are decompressed."""
    files = [PackedFile(path) for path in (source, english)]
    yield from _parallel(files[0].open, files[1].open, (str(source), str(english)))


def _parallel(source: Opener, english: Opener, names: tuple[str, str]) -> RawPairs:
    # Count before yielding the first pair, because some callers stop early.
    counts = []
    for side, name in zip((source, english), names, strict=True):
        with side() as file:
            counts.append(sum(1 for _ in text_lines(file, name)))
    if counts[0] != counts[1]:
        raise DamagedError(
            f"{', '.join(names)}: {counts[0]} source lines, but {counts[1]} English lines: they "
            "are not parallel, fetch them again"
        )
    with source() as first, english() as second:
        yield from zip(text_lines(first, names[0]), text_lines(second, names[1]), strict=True)


def _table(file: PackedFile, columns: Columns) -> RawPairs:
    sides = (columns.source, columns.english)
    header = columns.header
    if file.ending == ".tsv" and sides == TWO_COLUMNS:
        header = header or TWO_COLUMNS
    # Lines that are not UTF-8 are for text_rules to drop and count.
    table = Table(file, sides, NAME_SIDES, header, undecoded=True)
    for line, row in read_table(table):
        source, english = row[sides[0]], row[sides[1]]
        if not isinstance(source, str) or not isinstance(english, str):
            source, english = (_raw(row, column, file, line) for column in sides)
        yield source, english


def _raw(row: Mapping[str, Any], column: str, file: PackedFile, line: int) -> Raw:
    cell = row[column]
    if isinstance(cell, str | bytes):
        return cell
    return "" if cell is None else text_cell(cell, column, f"{file}:{line}")


def _moses(path: Path, columns: Columns) -> RawPairs:
    """Stream a zip that has one member per side, whose name ends in the language code."""
    codes = columns.source, columns.english
    with open_archive(path) as archive:
        source, english = (partial(_open_side, path, archive, code) for code in codes)
        yield from _parallel(source, english, (f"{path}, {codes[0]}", f"{path}, {codes[1]}"))


def _open_side(path: Path, archive: zipfile.ZipFile, code: str) -> IO[bytes]:
    members = [info for info in archive.infolist() if not is_resource_fork(info)]
    exact = [info for info in members if info.filename.endswith(f".{code}")]
    alike = [info for info in members if plain_code(info.filename).endswith(f".{plain_code(code)}")]
    return open_only(path, archive, exact or alike, f".{code}")
