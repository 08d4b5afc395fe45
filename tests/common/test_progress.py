import io
import sys

import pytest

from pipeline.common.progress import LINES, progress


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 1000])
def test_plain_lines_without_a_terminal_end_with_the_last_item(capsys, count):
    assert list(progress(range(count), "work")) == list(range(count))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= LINES
    assert lines[-1:] == ([f"work: {count} of {count}"] if count > 1 else [])


def test_a_line_has_the_time_left_the_status_and_what_an_earlier_run_did(capsys):
    list(progress(range(3), "work", lambda: "all well", done=7))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "work: 8 of 10, 00:00 left, all well"
    assert lines[-1] == "work: 10 of 10, all well"


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress(range(5), "work")) == list(range(5))
    assert "work:   0%|" in terminal.getvalue()
