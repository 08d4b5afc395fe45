"""Rows of Parquet files, and columns inside columns."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..common.errors import DamagedError, one_line

BATCH = 10_000  # rows in memory at a time


class ParquetRows:
    """The rows of a Parquet file. `names` has its columns, and `a.b` for field b of struct a.

    Raises DamagedError, with `name`, for a file that is damaged or not Parquet.
    """

    def __init__(self, content: Path | IO[bytes], name: str) -> None:
        self._name = name
        try:
            self._file = pq.ParquetFile(content, page_checksum_verification=True)
        except (pa.ArrowException, ValueError, OSError) as error:
            raise self._damaged(error) from error
        self._tree = _tree(self._file.schema_arrow)
        self.names = list(_leaves(self._file.schema_arrow))

    def read(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of each row; a field of an absent struct is None."""
        paths = [path_of(column, self._tree) or [] for column in columns]
        selected = [".".join(path) for path in paths]
        try:
            for batch in self._file.iter_batches(BATCH, columns=selected):
                yield from zip(*(_cells(batch, path) for path in paths), strict=True)
        except (pa.ArrowException, ValueError, OSError) as error:
            raise self._damaged(error) from error

    def read_through(self) -> None:
        """Read all columns, which finds pages that cannot be decompressed or decoded."""
        try:
            for _ in self._file.iter_batches(BATCH):
                pass
        except (pa.ArrowException, ValueError, OSError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> DamagedError:
        reason = one_line(error)
        return DamagedError(f"{self._name}: not Parquet ({reason}): fetch it again")


def path_of(column: str, tree: Any) -> list[str] | None:
    """The names that lead to a column in nested mappings; names may have dots themselves.

    The path ends at a mapping that is None. Returns None if there is no such column.
    """
    if tree is None:
        return []
    if not isinstance(tree, dict):
        return None
    if column in tree:
        return [column]
    for name, inner in tree.items():
        rest = column.removeprefix(f"{name}.")
        if rest != column and (path := path_of(rest, inner)) is not None:
            return [name, *path]
    return None


def _tree(fields: Any) -> dict[str, Any]:
    """The fields of a schema or struct type by name; "" is one without fields."""
    return {
        field.name: _tree(field.type) if pa.types.is_struct(field.type) else "" for field in fields
    }


def _leaves(fields: Any, outer: str = "") -> Iterator[str]:
    for field in fields:
        name = outer + field.name
        if pa.types.is_struct(field.type):
            yield from _leaves(field.type, f"{name}.")
        else:
            yield name


def _cells(batch: pa.RecordBatch, path: Sequence[str]) -> list[Any]:
    top, *inner = path
    column = batch.column(top)
    cells: list[Any] = (pc.struct_field(column, inner) if inner else column).to_pylist()
    return cells
