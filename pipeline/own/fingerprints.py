"""Sizes and hashes of the files that params name, which must be where DVC notices changes."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..common.errors import PipelineError, one_line
from ..common.files import content_hash
from .named_files import NamedFile

Fingerprints = dict[str, dict[str, int | str]]  # size in bytes and MD5, by path


def fingerprints(named: Iterable[NamedFile], folder: Path) -> Fingerprints:
    """Size and MD5 of each named file and of each file in a named folder, sorted by path.

    Hidden files and folders in a named folder, such as `.git`, do not count. Raises PipelineError
    with the param if something is missing, cannot be read or is not in `folder`, and for a link to
    a folder: DVC does not look through it.
    """
    try:
        paths = {path for file in named for path in _contents(file, folder)}
        return {
            path.as_posix(): {"size": path.stat().st_size, "md5": content_hash(path)}
            for path in sorted(paths)
        }
    except OSError as error:
        raise PipelineError(
            f"{error.filename}: cannot be read ({one_line(error.strerror)}): correct it"
        ) from error


def _contents(file: NamedFile, folder: Path) -> Iterator[Path]:
    key, path = file.key, file.path
    if folder not in path.parents or ".." in path.parts:
        raise _fault(
            f"{key}: {path} is not in {folder}/, and DVC notices changes only there: move or link "
            f"it into {folder}/ and name it {folder / path.name}{file.otherwise}"
        )
    for part in (path, *path.parents[: -len(folder.parts) - 1]):
        _check_no_linked_folder(key, part)
    if path.is_dir():
        yield from _files_below(key, path)
    elif path.exists():
        yield path
    elif not file.optional:
        raise _missing(key, path)


def _files_below(key: str, folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            _check_no_linked_folder(key, Path(parent, name))
        for path in (Path(parent, name) for name in files if not name.startswith(".")):
            if not path.exists():
                raise _missing(key, path)
            yield path


def _refuse(error: OSError) -> None:
    raise error


def _check_no_linked_folder(key: str, path: Path) -> None:
    if path.is_symlink() and path.is_dir():
        raise _fault(
            f"{key}: {path} is a link to a folder, in which DVC notices no changes: delete it and "
            f"link the files: cp -rs {path.resolve()} {path}"
        )


def _missing(key: str, path: Path) -> PipelineError:
    if path.is_symlink():
        remedy = f"is a link to nothing: delete it or restore {path.readlink()}"
    elif any(Path(f"{part}.dvc").is_file() for part in (path, *path.parents)):
        remedy = f"is not here: dvc pull {path}"
    else:
        remedy = (
            "is missing: put it there; `dvc exp run --temp` and `--queue` have it only after "
            f"`dvc add {path}` or `git add {path}`"
        )
    return _fault(f"{key}: {path} {remedy}")


def _fault(line: str) -> PipelineError:
    return PipelineError(one_line(line, 1000))  # a path may have line breaks
