"""Lines of UTF-8 text files; another encoding or type of file is named."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import IO

from ..common.errors import DamagedError, PipelineError

HEAD = 1 << 20  # bytes by which a file is judged
DAMAGED = 0.05  # more lines than this that are not UTF-8 mean another encoding
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The first bytes of files that are not text, and what to do with one.
OTHER_TYPES = {
    b"\x1f\x8b": "compressed by gzip: let its name end in .gz",
    b"PK\x03\x04": "a zip: let its name end in .zip",
    b"BZh": "compressed by bzip2: decompress it",
    b"\xfd7zXZ\0": "compressed by xz: decompress it",
    b"\x28\xb5\x2f\xfd": "compressed by zstd: decompress it",
    b"PAR1": "Parquet: let its name end in .parquet",
    b"SQLite format 3": "a database: export it as text",
    b"\xd0\xcf\x11\xe0": "an Office document: export it as text",
    b"%PDF": "PDF: export it as text",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the file itself with git lfs pull",
}
WEB_PAGE = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)
WIDE_MARKS = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def text_lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    r"""Yield the lines with their ends, the first without a byte order mark; only \n ends a line.

    A few lines may not be UTF-8. Raises PipelineError, with `name`, if the beginning shows that the
    file is not UTF-8 text at all.
    """
    lines = file.readlines(HEAD)
    if lines:
        lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
    check_head(lines, name)
    yield from chain(lines, file)


def decoded(line: bytes, where: str) -> str:
    """The text of a line; raises PipelineError, with `where`, if it is not UTF-8."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DamagedError(f"{where}: not UTF-8 ({error.reason}): convert it") from error


def check_head(lines: list[bytes], name: str) -> None:
    """Raise PipelineError if the first lines of a file show that it is not UTF-8 text."""
    head = b"".join(lines)
    for beginning, found in OTHER_TYPES.items():
        if head.startswith(beginning):
            raise PipelineError(f"{name}: not text, but {found}")
    if head[257:262] == b"ustar":
        raise PipelineError(f"{name}: not text, but a tar archive: unpack it")
    if WEB_PAGE.match(head):
        raise DamagedError(f"{name}: not text, but a web page: check the address, fetch it again")
    if encoding := _wide_encoding(head):
        raise PipelineError(
            f"{name}: not UTF-8 but {encoding}: convert it, as in iconv -f {encoding} -t UTF-8"
        )
    if b"\n" not in head and head.count(b"\r") > 1:
        raise PipelineError(f"{name}: its lines end in CR: let them end in a newline")
    if line := _not_utf8(lines):
        raise PipelineError(
            f"{name}:{line}: not UTF-8 but perhaps Latin-1 (ISO-8859-1, Windows-1252): convert "
            "it, as in iconv -f WINDOWS-1252 -t UTF-8"
        )


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32 if the file has its mark, or a zero byte beside every newline."""
    for mark, encoding in WIDE_MARKS.items():
        if head.startswith(mark):
            return encoding
    newlines = head.count(b"\n")
    zeros = max(head.count(b"\0\n"), head.count(b"\n\0"))
    if not newlines or zeros < max(1, newlines - 1):
        return None
    return "UTF-16BE" if head.index(b"\n") % 2 else "UTF-16LE"


def _not_utf8(lines: list[bytes]) -> int:
    """The first line that is not UTF-8, if so are many, and most with letters outside ASCII."""
    wrong = []
    others = 0
    for number, line in enumerate(lines, start=1):
        if not line.isascii():
            try:
                line.decode("utf-8")
                others += 1
            except UnicodeDecodeError:
                wrong.append(number)
    return wrong[0] if len(wrong) > max(others, DAMAGED * len(lines)) else 0
