"""Members of zip archives that come from elsewhere."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ..common.errors import PipelineError

MAX_RATIO = 200  # text compresses 3 to 10 times; a bomb, thousands
MAX_BYTES = 200 * 10**9


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip whose members stay inside it and are no bombs.

    Raises PipelineError for one with others, for none, and for a damaged one, also when that shows
    within the block.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                _check(path, info)
            yield archive
    except FileNotFoundError as error:
        raise PipelineError(f"{path}: no such file: correct params.yaml") from error
    except (zipfile.BadZipFile, EOFError) as error:
        raise PipelineError(f"{path}: not a whole zip ({error}): fetch it again") from error


def _check(path: Path, info: zipfile.ZipInfo) -> None:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        raise PipelineError(f"{path}: member {info.filename!r} leaves the zip: do not trust it")
    if info.file_size > min(MAX_BYTES, MAX_RATIO * max(info.compress_size, 1000)):
        raise PipelineError(
            f"{path}: member {info.filename!r} unpacks to {info.file_size} bytes from "
            f"{info.compress_size}: a zip bomb, do not trust it"
        )
