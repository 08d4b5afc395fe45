import pandas as pd
import pytest

from pipeline.parquet import write_frames


def frames(count):
    for number in range(count):
        yield pd.DataFrame({"text": [f"ä{number}", "b"], "line": [number, number + 1]})


def test_frames_follow_each_other_and_the_bytes_repeat(tmp_path):
    for name in ("one", "two"):
        assert write_frames(tmp_path / name, frames(3)) == 6
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert pd.read_parquet(tmp_path / "one").equals(pd.concat(frames(3), ignore_index=True))


def test_a_failure_on_the_way_leaves_nothing(tmp_path):
    def broken():
        yield from frames(2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_frames(tmp_path / "out", broken())
    assert list(tmp_path.iterdir()) == []
