"""Zip archives from sources that need not be trusted."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ..common.errors import PipelineError

MAX_RATIO = 200  # text shrinks 3 to 10 times, a zip bomb thousands of times
MAX_BYTES = 200 * 10**9


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip after checking its members.

    Raises PipelineError if the file is missing or damaged, if a member would be written outside
    the target folder, and if one is a zip bomb. Damage that only the block runs into counts too.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                _check_member(path, info)
            yield archive
    except FileNotFoundError as error:
        raise PipelineError(f"{path}: no such file: correct params.yaml") from error
    except (zipfile.BadZipFile, EOFError) as error:
        raise PipelineError(f"{path}: not a whole zip ({error}): fetch it again") from error


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        raise PipelineError(
            f"{path}: member {info.filename!r} lies outside the zip: do not trust it"
        )
    if info.file_size > min(MAX_BYTES, MAX_RATIO * max(info.compress_size, 1000)):
        raise PipelineError(
            f"{path}: member {info.filename!r} unpacks to {info.file_size} bytes from "
            f"{info.compress_size}: a zip bomb, do not trust it"
        )
