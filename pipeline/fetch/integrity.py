"""Whether a downloaded file is what its name says, and whole, before anybody reads it."""

import gzip
import re
import zipfile
from pathlib import Path
from typing import IO

from ..common.errors import DamagedError, PipelineError, one_line
from .archives import DAMAGE, ENCRYPTED, check_member
from .parquet_rows import ParquetRows
from .transfer.remote import RefusedError

BLOCK = 1 << 20  # bytes
HEAD = 1 << 12  # bytes by which a web page is known
PAGE_TYPES = ("text/html", "application/xhtml+xml")
PAGE_ENDINGS = (".html", ".htm", ".xhtml")
PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|script|meta|title)\b",
    re.IGNORECASE | re.DOTALL,
)
# The beginnings of files that prove themselves whole, whatever their server calls them.
MAGIC = {".gz": b"\x1f\x8b", ".zip": b"PK", ".parquet": b"PAR1"}


def check_whole(path: Path, name: str, media_type: str, shown: str) -> None:
    """Raise unless the content of `path` is whole and of the kind that the file name `name` says.

    `media_type` is the server's, `shown` the address for messages. A web page instead of data
    raises RefusedError: a network or proxy has answered for the server. A checksum of gzip or zip
    that is wrong, and Parquet that cannot be read, raise DamagedError.
    """
    ending = Path(name.lower()).suffix
    _check_page(path, ending, media_type)
    try:
        if not path.stat().st_size:
            raise EOFError("it is empty")
        if ending == ".gz":
            with path.open("rb") as file, gzip.GzipFile(fileobj=file) as content:
                _read_through(content)
        elif ending == ".zip":
            _read_members(path)
        elif ending == ".parquet":
            ParquetRows(path, shown).read_through()
    except (*DAMAGE, OSError) as error:
        kind = {".gz": "gzip file", ".zip": "zip"}.get(ending, "file")
        raise DamagedError(
            f"{shown}: not a whole {kind} ({one_line(error)}): it was damaged on the way, perhaps "
            "by a proxy, or is damaged there; run it again, or check the address in a browser"
        ) from error


def is_page(name: str, media_type: str) -> bool:
    """Whether a server announces a web page where the file name says something else."""
    return media_type in PAGE_TYPES and Path(name.lower()).suffix not in PAGE_ENDINGS


def web_page() -> RefusedError:
    """The error for a web page that came instead of a file."""
    return RefusedError(
        "a web page came instead of the file, perhaps the login page of a network or proxy",
        "open the address in a browser to see it, log in there, then run it again",
    )


def _check_page(path: Path, ending: str, media_type: str) -> None:
    with path.open("rb") as file:
        head = file.read(HEAD)
    page = PAGE.match(head) or media_type in PAGE_TYPES
    proven = ending in MAGIC and head.startswith(MAGIC[ending])
    if page and not proven and ending not in PAGE_ENDINGS:
        raise web_page()


def _read_members(path: Path) -> None:
    """Read all members of a zip, which compares their checksums."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            try:
                check_member(path, info)
                if not info.flag_bits & ENCRYPTED:
                    with archive.open(info) as member:
                        _read_through(member)
            except (PipelineError, NotImplementedError):
                continue  # whole, but suspicious or of an unknown method: for the reader to say


def _read_through(file: IO[bytes] | gzip.GzipFile) -> None:
    while file.read(BLOCK):
        pass
