"""Parquet files; their bytes depend on the content and on pyarrow's version."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from .files import atomic

if TYPE_CHECKING:  # loading it takes longer than all else that a step without frames loads
    import pandas as pd


def write_parquet(path: Path, frame: "pd.DataFrame") -> None:
    """Write a frame without its index."""
    with atomic(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table."""
    write_tables(path, [table])


def write_tables(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables as they come, each in row groups of its own; returns the rows.

    There must be one table at least. Only one is held in memory.
    """
    rows = 0
    with atomic(path) as temporary, ExitStack() as files:
        writer = None
        for table in tables:
            if writer is None:
                file = pq.ParquetWriter(temporary, table.schema, compression="zstd")
                writer = files.enter_context(file)
            writer.write_table(table)
            rows += len(table)
    return rows
