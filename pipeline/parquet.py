"""Parquet files of more rows than memory should hold."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.files import atomic


def write_frames(path: Path, frames: Iterable[pd.DataFrame]) -> int:
    """Write frames as they come, each a row group of one file; returns the rows.

    There must be one at least. The bytes depend on the content and on pyarrow's version.
    """
    rows = 0
    with atomic(path) as temporary, ExitStack() as files:
        writer = None
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            if writer is None:
                file = pq.ParquetWriter(temporary, table.schema, compression="zstd")
                writer = files.enter_context(file)
            writer.write_table(table)
            rows += len(frame)
    return rows


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table; the bytes depend on the content and on pyarrow's version."""
    with atomic(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
