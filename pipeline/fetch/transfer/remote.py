"""Remote files and their errors, whatever the protocol."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...common.errors import PipelineError

CONNECTIONS = 8  # to one server at the same time
PIECE = 4 << 20  # bytes per request
PERMANENT = frozenset({400, 401, 402, 403, 404, 405, 406, 410, 411, 414, 451, 501, 505})
FORBIDDEN = frozenset({401, 403})
PROXY_ASKS = 407  # for a user and password


class TransientError(Exception):
    """Worth a retry after at least `wait` seconds; str(error) is the reason."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class RefusedError(Exception):
    """Not worth a retry. If `final`, the bytes fetched so far are useless too."""

    def __init__(self, reason: str, remedy: str, final: bool = True) -> None:
        super().__init__(reason)
        self.remedy = remedy
        self.final = final


class AbsentError(RefusedError):
    """The server has no such file."""


class ChangedError(Exception):
    """The file has changed since the download started."""


@dataclass(frozen=True)
class FileInfo:
    """A remote file as its server describes it.

    `length` is in bytes, None if unknown. `version` is the ETag or the date of the last change, ""
    if the server sends neither. `ranged`: the server answers range requests, for which `piece` is
    the size in bytes. `media_type` is the content type in lower case without parameters, or "".
    """

    length: int | None
    version: str
    ranged: bool
    piece: int = PIECE
    media_type: str = ""


class RemoteFile(Protocol):
    """One file on one server. Reads may run in several threads."""

    def probe(self) -> FileInfo:
        """Ask the server about the file. Raises TransientError or RefusedError."""

    def read(self, info: FileInfo, start: int, stop: int, write: Callable[[bytes], None]) -> None:
        """Pass the bytes [start, stop) to `write` in order; the whole body if not ranged.

        Raises TransientError if some are missing, ChangedError if the file is no longer as in
        `info`, RefusedError, and what `write` raises.
        """


def check_status(status: int, wait: float = 0.0) -> None:
    """Raise the error that an HTTP status other than 2xx stands for."""
    if 200 <= status < 300:
        return
    if status in {412, 416}:
        raise ChangedError
    if status == PROXY_ASKS:
        raise RefusedError(
            "the proxy asks for a user and password, HTTP 407",
            "put them into HTTP(S)_PROXY",
            final=False,
        )
    if status in FORBIDDEN:
        raise RefusedError(
            f"HTTP {status}, access denied", "check the address and your credentials", final=False
        )
    if status in {404, 410}:
        raise AbsentError(f"HTTP {status}, there is no such file", "check the address")
    if 300 <= status < 400 or status in PERMANENT:
        raise RefusedError(f"HTTP {status}", "check the address")
    raise TransientError(f"HTTP {status}", wait)


def ca_bundle(*variables: str) -> str | None:
    """Path of the certificate authorities, from the first of these variables that is set."""
    for name in variables:
        if path := os.environ.get(name):
            if not Path(path).exists():
                raise PipelineError(f"{name}: {path} does not exist: correct the variable")
            return path
    return None
