"""Writes that are whole or absent, with the same bytes for the same content."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copy_folder(source: Path, target: Path) -> None:
    """Copy the files of a folder, to be written to: DVC may have linked them to its cache."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary sibling of `path` to write (a file, or a folder after mkdir).

    It replaces `path` when the block ends, and is removed when the block fails.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    remove(temporary)
    try:
        yield temporary
        remove(path)
        temporary.rename(path)
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
