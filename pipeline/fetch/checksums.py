"""The checksums of files that were fetched before, in a file that a team commits.

https://host/de-en.tsv.gz: 0123…    ADDRESS: sha256, sorted; comments before the first line stay
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from ..common.errors import PipelineError, one_line
from ..common.files import atomic

SHA256 = re.compile("[0-9a-f]{64}")


class Checksums:
    """The checksums in a file, which need not exist. Every call reads the file as it is then."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, address: str) -> str | None:
        """The checksum of an address; raises PipelineError if the file is malformed."""
        return self._read()[1].get(address)

    def add(self, address: str, sha256: str) -> None:
        """Write the checksum of an address that has none; other processes may do so meanwhile.

        Raises PipelineError if it has another one.
        """
        if self.get(address) == sha256:
            return
        with self._locked():
            comments, entries = self._read()
            if entries.setdefault(address, sha256) != sha256:
                raise self.mismatch(address, sha256, entries[address])
            lines = [self.line(each, entries[each]) for each in sorted(entries)]
            with atomic(self.path) as temporary:
                temporary.write_text("".join(f"{line}\n" for line in [*comments, *lines]), "utf-8")

    def mismatch(self, address: str, actual: str, expected: str) -> PipelineError:
        """The error for a file that is another one now, with the line that accepts it."""
        return PipelineError(
            f"{address}: sha256 is {actual}, but {self.path} has {expected}: the file changed, or "
            "is damaged; if the new one is right, use dvc repro --force for each step that reads "
            f"it, after writing this line there instead: {self.line(address, actual)}"
        )

    @staticmethod
    def line(address: str, sha256: str) -> str:
        """The line of the file for an address."""
        return ": ".join(_scalar(text) for text in (address, sha256))

    def _read(self) -> tuple[list[str], dict[str, str]]:
        """The comments before the first line, and the checksums by address."""
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return [], {}
        except (OSError, UnicodeDecodeError) as error:
            raise self._malformed(one_line(error)) from error
        try:
            node = yaml.compose(text, yaml.BaseLoader)
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            raise self._malformed(f"line {mark.line + 1}" if mark else one_line(error)) from error
        entries: dict[str, str] = {}
        if node is not None and not isinstance(node, yaml.MappingNode):
            raise self._malformed("line 1")
        for key, value in node.value if node else ():
            address, sha256 = (str(each.value).strip() for each in (key, value))
            if address in entries or not SHA256.fullmatch(sha256.lower()):
                raise self._malformed(f"line {key.start_mark.line + 1}")
            entries[address] = sha256.lower()
        comments = []
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                break
            comments.append(line)
        return comments, entries

    def _malformed(self, where: str) -> PipelineError:
        return PipelineError(
            f"{self.path}: not lines of ADDRESS: sha256, one for each address ({where}): correct "
            "it, or restore it with git"
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock the file, which a writer replaces: the lock counts if it is still the same one."""
        while True:
            try:
                file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            except OSError as error:
                reason = error.strerror or one_line(error)
                raise PipelineError(f"{self.path}: not written ({reason}): correct it") from error
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if self.path.exists() and os.path.samestat(os.fstat(file), self.path.stat()):
                    yield
                    return
            finally:
                os.close(file)


def _scalar(text: str) -> str:
    """A text as YAML writes it: with quotes where it needs them."""
    written = yaml.safe_dump(text, width=float("inf"), allow_unicode=True)
    return written.removesuffix("...\n").strip()
