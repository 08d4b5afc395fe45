"""Find damaged files in a DVC cache, and write them again where outputs still have the content.

DVC trusts every read-only file in its cache and never reads it again: neither `dvc status` nor
`dvc pull` notices a damaged file, and `dvc checkout` copies it into the project.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .errors import PipelineError
from .files import atomic, content_hash
from .progress import progress

Identity = tuple[int, int]  # device and inode, which a file shares with links to it
READ_ONLY = 0o444


def cached_files(cache: Path) -> list[Path]:
    """All objects in a cache, `files/md5/ab/cdef...`, including folder listings, `....dir`."""
    return sorted(path for path in (cache / "files" / "md5").glob("??/*") if len(path.stem) == 30)


def cached_runs(cache: Path) -> list[Path]:
    """The run-cache: by hash, what each run had as inputs and outputs."""
    return sorted(path for path in (cache / "runs").glob("??/*/*") if len(path.name) == 64)


def damaged(files: list[Path]) -> list[Path]:
    """The files whose MD5 hash differs from their name, or that the disk cannot read.

    Raises PipelineError for a file that this user may not read.
    """
    with ThreadPoolExecutor() as pool:  # reading and hashing release the interpreter lock
        hashes = pool.map(_hash, files)
        return [path for path in progress(files, "verify") if next(hashes) != _named_hash(path)]


def identities(files: Iterable[Path]) -> set[Identity]:
    """What `holds_link` recognises links to these files by; take it before deleting them."""
    return {_identity(path) for path in files if path.exists()}


def holds_link(out: Path, targets: set[Identity]) -> bool:
    """Whether an output, or a file in its folder, is a link to one of `targets` or to nothing."""
    return any(
        _identity(path) in targets if path.exists() else path.is_symlink()
        for path in (out, *out.rglob("*"))
    )


def refill(lost: Iterable[Path], outs: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Write deleted cache files again whose content an output has; yield each with its source."""
    missing: dict[str, list[Path]] = {}  # by hash: the cache and the seed may both have lost it
    for path in lost:
        missing.setdefault(path.parent.name + path.name, []).append(path)
    for path in (path for out in outs for path in (out, *filter(Path.is_file, out.rglob("*")))):
        for cached in missing.pop(_hash(path), []) if missing and path.exists() else []:
            with atomic(cached) as temporary:
                if path.is_dir():
                    temporary.write_text(_listing(path))
                else:
                    shutil.copyfile(path, temporary)
                temporary.chmod(READ_ONLY)
            yield cached, path


def _listing(folder: Path) -> str:
    """What the cache holds for a folder, see `content_hash`."""
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*")}
    names = sorted(name for name, file in files.items() if file.is_file())
    return json.dumps([{"md5": content_hash(files[name]), "relpath": name} for name in names])


def _hash(path: Path) -> str:
    """The hash of a file or folder; empty if the disk cannot read it."""
    try:
        return content_hash(path)
    except PermissionError as error:
        raise PipelineError(f"verify: {path}: you may not read it: ask its owner") from error
    except OSError:
        return ""


def _named_hash(path: Path) -> str:
    return path.parent.name + path.stem


def _identity(path: Path) -> Identity:
    status = path.stat()
    return status.st_dev, status.st_ino
