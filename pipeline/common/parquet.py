"""Parquet files, whose bytes depend only on the content and the version of pyarrow."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from .files import atomic

if TYPE_CHECKING:  # pandas is slow to import, and not every step uses it
    import pandas as pd


def write_parquet(path: Path, frame: "pd.DataFrame") -> None:
    """Write a data frame without its index."""
    with atomic(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table."""
    write_tables(path, [table])


def write_tables(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables to one file, each in separate row groups, and return the total number of rows.

    There must be at least one table. Only one is held in memory at a time.
    """
    row_count = 0
    with atomic(path) as temporary, ExitStack() as files:
        writer = None
        for table in tables:
            if writer is None:
                file = pq.ParquetWriter(temporary, table.schema, compression="zstd")
                writer = files.enter_context(file)
            writer.write_table(table)
            row_count += len(table)
    return row_count
