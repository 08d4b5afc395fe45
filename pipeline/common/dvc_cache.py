"""Find damaged files in a DVC cache.

DVC trusts every read-only file in its cache and never reads it again: neither `dvc status` nor
`dvc pull` notices a damaged file, and `dvc checkout` copies it into the project.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .files import content_hash
from .progress import progress


def cached_files(cache: Path) -> list[Path]:
    """All objects in a cache, `files/md5/ab/cdef...`, including folder listings, `....dir`."""
    return sorted(path for path in (cache / "files" / "md5").glob("??/*") if len(path.stem) == 30)


def damaged(files: list[Path]) -> list[Path]:
    """The files whose MD5 hash differs from their name."""
    with ThreadPoolExecutor() as pool:  # reading and hashing release the interpreter lock
        hashes = pool.map(content_hash, files)
        return [path for path in progress(files, "verify") if next(hashes) != _named_hash(path)]


def _named_hash(path: Path) -> str:
    return path.parent.name + path.stem
