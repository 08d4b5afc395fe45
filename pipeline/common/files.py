"""Writes that are whole or absent, with the same bytes for the same content."""

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

# What the system says; libraries in Rust and C++ pass on its words, not always its number.
FULL = [os.strerror(each) for each in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)]


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder into files that can be written to; those of a shared cache cannot."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)


@contextmanager
def room(path: Path) -> Iterator[None]:
    """Raise PipelineError when a write of the block, for `path`, finds the disk full."""
    try:
        yield
    except Exception as error:
        for words in FULL:
            if words in str(error):
                raise PipelineError(
                    f"{path}: not written, {words.lower()}: make room, then run it again"
                ) from error
        raise


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary sibling of `path` to write (a file, or a folder after mkdir).

    It replaces `path` when the block ends, and is removed when the block fails. What a killed run
    leaves has the same name, so that the next run removes it; DVC ignores it until then. Raises
    PipelineError when the disk is full.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    remove(temporary)
    try:
        with room(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
        if temporary.is_dir() or path.is_dir():  # a rename replaces files only
            remove(path)
        temporary.replace(path)
    finally:
        remove(temporary)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON object, one key a line, keys in the order given."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def write_lines(path: Path, lines: list[str]) -> None:
    """Write UTF-8 text, one item a line; items must not contain newlines."""
    with atomic(path) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="\n")


def read_lines(path: Path) -> list[str]:
    """Lines of a file made by `write_lines`; only newlines separate them."""
    return path.read_text("utf-8").split("\n")[:-1]


def content_hash(path: Path) -> str:
    """The hash by which DVC knows a file or folder, in dvc.lock, the cache and every remote.

    It is the MD5 of a file, and of a folder that of the list of its files, with `.dir` behind.
    """
    if not path.is_dir():
        return _md5(path)
    files = {each.relative_to(path).as_posix(): each for each in path.rglob("*") if each.is_file()}
    listing = [{"md5": _md5(files[name]), "relpath": name} for name in sorted(files)]
    return f"{hashlib.md5(json.dumps(listing).encode()).hexdigest()}.dir"


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
