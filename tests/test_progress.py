import io
import sys

import pytest

from pipeline.progress import LINES, progress


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 1000])
def test_plain_lines_without_a_terminal_end_with_the_last_item(capsys, count):
    assert list(progress(range(count), "work")) == list(range(count))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= LINES
    assert lines[-1:] == ([f"work: {count} of {count}"] if count else [])


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress(range(5), "work")) == list(range(5))
    assert "work:   0%|" in terminal.getvalue()
