import io
import sys

import pytest

from pipeline.common import progress as module
from pipeline.common.progress import progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests set."""
    time = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: time[0])
    return time


def work(clock, seconds, count, **options):
    for item in progress(range(count), "work", **options):
        clock[0] += seconds
        yield item


@pytest.mark.parametrize("count", [0, 1, 9, 1000])
def test_short_work_prints_nothing(capsys, clock, count):
    assert list(work(clock, 0.001, count)) == list(range(count))
    assert capsys.readouterr().err == ""


def test_long_work_prints_a_line_every_ten_seconds_and_one_at_the_end(capsys, clock):
    list(work(clock, 3.0, 10))
    assert capsys.readouterr().err.splitlines() == [
        "work: 4 of 10, 00:18 left",
        "work: 8 of 10, 00:06 left",
        "work: 10 of 10",
    ]


def test_a_line_has_the_status_and_counts_what_an_earlier_run_did(capsys, clock):
    list(work(clock, 20.0, 2, status=lambda: "all well", done=8))
    assert capsys.readouterr().err.splitlines() == [
        "work: 9 of 10, 00:20 left, all well",
        "work: 10 of 10, all well",
    ]


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress(range(5), "work")) == list(range(5))
    assert "work:   0%|" in terminal.getvalue()
