import shutil
from types import SimpleNamespace

import pytest

from pipeline.common.errors import PipelineError
from pipeline.needs.disk import Demand, fit, gigabytes


@pytest.fixture
def free(monkeypatch):
    """Bytes that the disk has free."""

    def set_free(count):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=count))

    return set_free


def test_demands_on_one_disk_are_added(tmp_path, free):
    free(10_000_000_000)
    demands = [
        Demand("downloads", tmp_path / "absent" / "cache", 1_500_000_000),
        Demand("artifacts", tmp_path, 2_000_000_000),
        Demand("nothing", tmp_path, 0),
    ]
    (line,) = fit(demands)
    assert line == f"3.5 GB of 10.0 GB free at {tmp_path}: 1.5 GB downloads, 2.0 GB artifacts"


def test_what_does_not_fit_is_refused_in_one_line(tmp_path, free):
    free(3_000_000_000)
    parts = [Demand(name, tmp_path, 1_500_000_000) for name in ("downloads", "artifacts")]
    assert fit(parts)
    free(2_999_999_999)
    with pytest.raises(
        PipelineError, match=r"needs about 3\.0 GB on this disk .* but 3\.0"
    ) as error:
        fit(parts)
    assert "\n" not in str(error.value)
    assert "1.5 GB artifacts" in str(error.value)


def test_sizes_for_people():
    assert [gigabytes(size) for size in (0, 12_345, 1e8, 1.26e9)] == [
        "0.0 MB",
        "0.0 MB",
        "0.1 GB",
        "1.3 GB",
    ]
