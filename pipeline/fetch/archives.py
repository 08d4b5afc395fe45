"""Zip archives from sources that need not be trusted, and their members."""

import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from ..common.errors import DamagedError, PipelineError, one_line

MAX_RATIO = 200  # text shrinks 3 to 10 times, a zip bomb thousands of times
MAX_BYTES = 200 * 10**9
ENCRYPTED = 1  # a bit of the flags of a member
DAMAGE = (
    EOFError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def whole_file(path: Path, kind: str = "file") -> Iterator[None]:
    """Raise PipelineError if the file that the block reads is missing, a folder or damaged."""
    try:
        yield
    except DAMAGE as error:
        reason = one_line(error)
        raise DamagedError(f"{path}: not a whole {kind} ({reason}): fetch it again") from error
    except FileNotFoundError as error:
        raise PipelineError(f"{path}: no such file: correct params.yaml") from error
    except IsADirectoryError as error:
        raise PipelineError(f"{path}: is a folder: name a file in params.yaml") from error
    except OSError as error:
        reason = error.strerror or one_line(error)
        raise PipelineError(f"{path}: cannot be read ({reason}): check it") from error


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip after checking its members.

    Raises PipelineError if the file is missing or damaged, if a member would be written outside
    the target folder, and if one is a zip bomb. Damage that only the block runs into counts too.
    """
    with whole_file(path, "zip"):
        try:
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    check_member(path, info)
                yield archive
        except NotImplementedError as error:
            raise PipelineError(f"{path}: cannot be read ({error}): pack it again") from error


def has_member(path: Path, name: str) -> bool:
    """Whether a zip has a member of this name; raises PipelineError for another file."""
    with open_archive(path) as archive:
        return any(_ends_in(info, name) for info in archive.infolist())


def open_member(path: Path, archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open the member whose path ends in `name`, a file name with perhaps some of its folders."""
    return open_only(path, archive, [i for i in archive.infolist() if _ends_in(i, name)], name)


def open_only(
    path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str
) -> IO[bytes]:
    """Open the one of `members`, found by `name`.

    Raises PipelineError if there are more, or none, or if it is encrypted.
    """
    if len(members) != 1:
        others = members or [info for info in archive.infolist() if not is_resource_fork(info)]
        names = [info.filename for info in others if not info.is_dir()]
        raise PipelineError(
            f"{path}: has {len(members)} members that end in {name}, not one, but "
            f"{', '.join(names[:10]) or 'none at all'}: name one of them in params.yaml"
        )
    if members[0].flag_bits & ENCRYPTED:
        raise PipelineError(
            f"{path}: member {members[0].filename!r} is encrypted: pack it without a password"
        )
    return archive.open(members[0])


def is_resource_fork(info: zipfile.ZipInfo) -> bool:
    """Whether macOS added the member, as it does `__MACOSX/._NAME` for each file NAME."""
    name = PurePosixPath(info.filename)
    return "__MACOSX" in name.parts or name.name.startswith("._")


def _ends_in(info: zipfile.ZipInfo, name: str) -> bool:
    return f"/{info.filename}".endswith(f"/{name}")  # no part of a file name


def check_member(path: Path, info: zipfile.ZipInfo) -> None:
    """Raise PipelineError if a member would be written outside the target, or is a zip bomb."""
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in f"{name}".partition("/")[0]:
        raise PipelineError(
            f"{path}: member {info.filename!r} lies outside the zip: do not trust it"
        )
    if info.file_size > min(MAX_BYTES, MAX_RATIO * max(info.compress_size, 1000)):
        raise PipelineError(
            f"{path}: member {info.filename!r} unpacks to {info.file_size} bytes from "
            f"{info.compress_size}: a zip bomb, do not trust it"
        )
