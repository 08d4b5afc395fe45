"""Files as streams of bytes: plain, compressed by gzip, or a member of a zip."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from .archives import open_archive, open_member, whole_file


@dataclass(frozen=True)
class PackedFile:
    """A file, or the member of a zip whose path ends in `member`. str() is its name in errors."""

    path: Path
    member: str | None = None

    def __str__(self) -> str:
        return f"{self.path}, {self.member}" if self.member else str(self.path)

    @property
    def ending(self) -> str:
        """The file name extension in lower case, without `.gz`."""
        return PurePosixPath(self._name.removesuffix(".gz")).suffix

    @property
    def packed(self) -> bool:
        """Whether the content is not the file itself."""
        return self.member is not None or self._name.endswith(".gz")

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open the decompressed content.

        Raises PipelineError if the file is missing or damaged, also for damage that only the
        block runs into, and unless exactly one member of a zip has the name.
        """
        unpack = gzip.GzipFile if self._name.endswith(".gz") else None
        if self.member is not None:
            with (
                open_archive(self.path) as archive,
                open_member(self.path, archive, self.member) as member,
            ):
                yield cast(IO[bytes], unpack(fileobj=member)) if unpack else member
        else:
            with whole_file(self.path), self.path.open("rb") as file:
                yield cast(IO[bytes], unpack(fileobj=file)) if unpack else file

    @property
    def _name(self) -> str:
        return (self.member or self.path.name).lower()
