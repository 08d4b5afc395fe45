"""Atomic writes: a file appears whole or not at all, and the same content gives the same bytes."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import PipelineError

# Libraries in Rust and C++ pass on the message of the operating system, but not always its number.
DISK_FULL_MESSAGES = [os.strerror(code) for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)]


def remove(path: Path) -> None:
    """Delete a file, link or folder if it exists; the target of a link is kept."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder as writable files, also when the originals are links into a read-only cache."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)


@contextmanager
def explained_full_disk(path: Path) -> Iterator[None]:
    """Raise PipelineError for `path` if a write in the block fails because the disk is full."""
    try:
        yield
    except Exception as error:
        for message in DISK_FULL_MESSAGES:
            if message in str(error):
                raise PipelineError(
                    f"{path}: not written, {message.lower()}: free some space, then run it again"
                ) from error
        raise


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`, where the block writes a file or creates a folder.

        with atomic(path) as temporary:
            temporary.write_text("content")

    It replaces `path` when the block succeeds and is removed when the block fails. Its name is
    always the same, so that the next run removes what a killed one left; DVC ignores it
    until then. Raises PipelineError if the disk is full.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    remove(temporary)
    try:
        with explained_full_disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
        if temporary.is_dir() or path.is_dir():  # a rename cannot replace a folder
            remove(path)
        temporary.replace(path)  # from here on the name belongs to the next writer
    except BaseException:
        remove(temporary)
        raise


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON object with one key per line, in the order given."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def write_lines(path: Path, lines: list[str]) -> None:
    """Write UTF-8 text with one item per line; items must not contain newlines."""
    with atomic(path) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="\n")


def read_lines(path: Path) -> list[str]:
    """Read a file written by `write_lines`; only newlines separate its lines."""
    return path.read_text("utf-8").split("\n")[:-1]


def content_hash(path: Path) -> str:
    """The hash that DVC uses for a file or folder in dvc.lock, the cache and every remote.

    For a file it is the MD5 of its bytes. For a folder it is the MD5 of the JSON list of its files
    and their hashes, followed by `.dir`.
    """
    if not path.is_dir():
        return _digest(path, "md5")
    files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
    listing = [{"md5": _digest(files[name], "md5"), "relpath": name} for name in sorted(files)]
    return f"{hashlib.md5(json.dumps(listing).encode()).hexdigest()}.dir"


def sha256_of(path: Path) -> str:
    """The SHA-256 checksum of a file, in hexadecimal."""
    return _digest(path, "sha256")


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
