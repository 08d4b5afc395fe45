"""Texts with one sentence per line."""

import pytest

from pipeline.common.errors import PipelineError
from pipeline.word_align.text_files import read_tokens


def test_words_are_separated_by_spaces_and_tabs_only(tmp_path):
    path = tmp_path / "text"
    path.write_bytes("\ufeffdas  Haus\t.\r\n\n a\u00a0b\u2028c\rd \nlast".encode())
    assert read_tokens(path) == [["das", "Haus", "."], [], ["a\u00a0b\u2028c\rd"], ["last"]]
    path.write_bytes(b"")
    assert read_tokens(path) == []


def test_a_text_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(PipelineError, match="nowhere: cannot be read"):
        read_tokens(tmp_path / "nowhere")
    (tmp_path / "latin").write_bytes("\xe4".encode("latin-1"))
    with pytest.raises(PipelineError, match=r"latin: cannot be read .*: name a text file in UTF-8"):
        read_tokens(tmp_path / "latin")
