"""Files in the hub's cache: a link, named as in the repository, to a blob named by its checksum."""

import re
from pathlib import Path

from ...common.files import sha256_of

SHA256 = re.compile("[0-9a-f]{64}")  # the name of a large file's blob; those of others vary


def damaged(path: Path) -> bool:
    """Whether a file of the cache differs from the checksum that the hub gave for it, if any."""
    return _has_checksum(path) and not is_checked(path)


def is_checked(path: Path) -> bool:
    """Whether a file of the cache has the checksum that the hub gave for it."""
    return _has_checksum(path) and sha256_of(path) == path.resolve().name


def _has_checksum(path: Path) -> bool:
    return bool(SHA256.fullmatch(path.resolve().name))


def drop(path: Path) -> None:
    """Delete a file of the cache, so that the hub's client fetches it again."""
    blob = path.resolve()
    path.unlink(missing_ok=True)
    blob.unlink(missing_ok=True)
