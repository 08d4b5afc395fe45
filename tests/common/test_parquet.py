import pandas as pd
import pyarrow as pa
import pytest

from pipeline.common.parquet import write_tables


def tables(count):
    for number in range(count):
        yield pa.table({"text": [f"ä{number}", "b"], "line": [number, number + 1]})


def test_tables_are_appended_and_the_bytes_repeat(tmp_path):
    for name in ("one", "two"):
        assert write_tables(tmp_path / name, tables(3)) == 6
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert pd.read_parquet(tmp_path / "one").equals(pa.concat_tables(tables(3)).to_pandas())


def test_a_failed_write_leaves_nothing(tmp_path):
    def broken():
        yield from tables(2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_tables(tmp_path / "out", broken())
    assert list(tmp_path.iterdir()) == []
