"""Texts with one sentence per line, whose words are what is between spaces and tabs."""

from pathlib import Path

from ..common.errors import PipelineError


def read_text(path: Path | str) -> list[str]:
    """The lines of a file, without a byte order mark; raises PipelineError if it is unreadable."""
    try:
        # Only newlines separate lines: a form feed or U+2028 is part of its sentence.
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(
            f"{path}: cannot be read ({error}): name a text file in UTF-8"
        ) from error
    return text.removesuffix("\n").split("\n") if text else []


def read_tokens(path: Path | str) -> list[list[str]]:
    """The words of each line; raises PipelineError if the file is unreadable.

    Other kinds of space are part of a word, as for the aligners.
    """
    lines = (line.removesuffix("\r").replace("\t", " ") for line in read_text(path))
    return [[word for word in line.split(" ") if word] for line in lines]
