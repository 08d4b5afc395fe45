"""The copy in the cache of a file at an https: or s3: address, renewed when the file changes."""

import hashlib
import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from ..common.errors import DamagedError
from ..common.files import sha256_of, write_json
from .addresses import Address
from .checksums import Checksums
from .download import UnavailableError, probe, refresh, wrong_checksum
from .integrity import check_whole
from .pinned import PINNED
from .sizes import Size
from .transfer.remote import FileInfo


@dataclass(frozen=True)
class Record:
    """What the server said of a file when it was fetched, and its checksum."""

    version: str
    length: int | None
    sha256: str

    def describes(self, info: FileInfo) -> bool:
        """Whether the server still says the same. Without a version or a length it does not."""
        if self.version and info.version and _strong(self.version) != _strong(info.version):
            return False
        if self.length is None or info.length is None:
            return bool(self.version and info.version)
        return self.length == info.length


@dataclass(frozen=True)
class WebCopy:
    """The copy of one file. `checksums` has the checksums of files without one in params."""

    address: Address
    cache: Path
    checksums: Checksums | None = None

    @property
    def path(self) -> Path:
        """Where the copy is, or will be."""
        place, endpoint = self.address.place, self.address.options.get("endpoint")
        identity = f"{endpoint or ''} {place}"
        name = hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()
        return self.cache / name / Path(urlsplit(place).path).name

    @property
    def name(self) -> str:
        """The address as params write it, without options but that of the store."""
        place, endpoint = self.address.place, self.address.options.get("endpoint")
        return f"{place}#endpoint={endpoint}" if endpoint else place

    @property
    def pinned(self) -> str | None:
        """The checksum that the file must always have, by params or by the project."""
        given = self.address.options.get("sha256") or PINNED.get(self.name)
        return given and given.lower()

    @property
    def listed(self) -> str | None:
        """The checksum that it had when somebody fetched it first, unless one is pinned."""
        return self.checksums.get(self.name) if self.checksums and not self.pinned else None

    @property
    def is_known(self) -> bool:
        """Whether the file was read before, here or by the team."""
        return self.listed is not None

    def intact(self) -> Record | None:
        """The record of the copy, if there is one that has not changed since, nor is outdated."""
        path, expected = self.path, self.pinned or self.listed
        if not path.is_file():
            return None
        actual, record = sha256_of(path), self._read_record()
        if record is None and actual == expected:
            return Record("", None, actual)
        if record is None or record.sha256 != actual or expected not in (None, actual):
            return None
        return record

    def update(self) -> str:
        """Fetch the file unless the copy is current, and return the checksum of the copy.

        With a pinned checksum no server is asked for a copy that has it; otherwise it is asked
        whether the file has changed. If it does not answer, an intact copy is used, which a line on
        stderr reports. Raises PipelineError.
        """
        record = self.intact()
        if record and self.pinned:
            return record.sha256
        unchanged = record.describes if record else None
        endpoint, path = self.address.options.get("endpoint"), self.path
        sums: list[str] = []
        try:
            info = refresh(
                self.address.place,
                path,
                endpoint=endpoint,
                unchanged=unchanged,
                check=partial(self._check, sums),
            )
        except UnavailableError as error:
            if record is None:
                raise
            note = f"{self.name}: {error.reason}; the copy that was fetched before is used"
            print(note, file=sys.stderr, flush=True)
            info = None
        if info is None and record:
            return record.sha256
        if info is not None:
            write_json(self._record_path, vars(Record(info.version, info.length, sums[0])))
        return sums[0]

    def size(self) -> Size:
        """The size of the file, and what `update` would fetch of it; asks the server as it does."""
        record = self.intact()
        if record is None or not self.pinned:
            try:
                info = probe(self.address.place, self.address.options.get("endpoint"))
                if record is None or not record.describes(info):
                    return Size(info.length, info.length)
            except UnavailableError:
                if record is None:
                    raise
        return Size(self.path.stat().st_size, 0)

    def list_checksum(self, sha256: str) -> None:
        """Add the checksum of a copy that was read without fault to the file of checksums."""
        if self.checksums and not self.pinned:
            self.checksums.add(self.name, sha256)

    def drop(self) -> bool:
        """Delete a copy that cannot be read, unless its checksum is known: it is the right one.

        Returns whether the copy is deleted.
        """
        if self.pinned or self.listed:
            return False
        self.path.unlink(missing_ok=True)
        self._record_path.unlink(missing_ok=True)
        return True

    def _check(self, sums: list[str], part: Path, info: FileInfo) -> None:
        actual, pinned, listed = sha256_of(part), self.pinned, self.listed
        sums[:] = [actual]
        if actual in (pinned, listed):
            return
        try:
            check_whole(part, self.path.name, info.media_type, self.name)
        except DamagedError as error:
            known = f" (sha256 is {actual}, but {pinned or listed} is expected)"
            raise DamagedError(f"{error}{known if pinned or listed else ''}") from error
        if pinned:
            raise wrong_checksum(self.name, actual, pinned)
        if listed and self.checksums:
            raise self.checksums.mismatch(self.name, actual, listed)

    @property
    def _record_path(self) -> Path:
        return self.path.with_name(f".{self.path.name}.json")

    def _read_record(self) -> Record | None:
        try:
            return Record(**json.loads(self._record_path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def _strong(version: str) -> str:
    """An ETag without the mark of a weak one, which some servers set only now and then."""
    return version.removeprefix("W/")
