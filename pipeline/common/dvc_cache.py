"""Whether the files of a DVC cache are what their names say.

DVC takes a read-only file of its cache for good and does not read it again: neither `dvc status`
nor `dvc pull` sees a damaged one, and `dvc checkout` spreads it.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .files import content_hash
from .progress import progress


def cached_files(cache: Path) -> list[Path]:
    """All objects of a cache: `files/md5/ab/cdef...`, also those that list a folder, `....dir`."""
    return sorted(path for path in (cache / "files" / "md5").glob("??/*") if len(path.stem) == 30)


def damaged(files: list[Path]) -> list[Path]:
    """Those whose MD5 is not their name."""
    with ThreadPoolExecutor() as pool:  # hashing and reading leave the interpreter free
        sums = pool.map(content_hash, files)
        return [path for path in progress(files, "verify") if next(sums) != _name(path)]


def _name(path: Path) -> str:
    return path.parent.name + path.stem
