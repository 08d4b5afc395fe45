"""What a server is asked, and the ways in which it can fail, whatever its protocol."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...common.errors import PipelineError

CONNECTIONS = 8  # at the same time, to one server
PIECE = 4 << 20  # bytes asked for at a time
PERMANENT = frozenset({400, 401, 402, 403, 404, 405, 406, 407, 410, 411, 414, 451, 501, 505})
FORBIDDEN = frozenset({401, 403, 407})


class TransientError(Exception):
    """Worth another try, after `wait` seconds at least; str(error) is the reason."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class RefusedError(Exception):
    """Not worth another try. `final`: what was fetched so far is of no use either."""

    def __init__(self, reason: str, remedy: str, final: bool = True) -> None:
        super().__init__(reason)
        self.remedy = remedy
        self.final = final


class ChangedError(Exception):
    """The object is not the one that the download began with."""


@dataclass(frozen=True)
class Remote:
    """An object as its server describes it.

    `length` is in bytes, None if unknown. `version` is its ETag or date of change, "" without
    either. `ranged`: the server answers ranges, so that parts can be fetched at will, `piece`
    bytes at a time.
    """

    length: int | None
    version: str
    ranged: bool
    piece: int = PIECE


class Source(Protocol):
    """One object on one server. Reads may run in several threads."""

    def probe(self) -> Remote:
        """What the server says about the object. Raises TransientError or RefusedError."""

    def read(self, remote: Remote, start: int, stop: int, write: Callable[[bytes], None]) -> None:
        """Pass the bytes [start, stop) to `write`, in order; all of the body if not ranged.

        Raises TransientError if not all of them came, ChangedError if they are of another
        version than `remote`, RefusedError, and what `write` raises.
        """


def check_status(status: int, wait: float = 0.0) -> None:
    """Raise what an HTTP status other than 2xx means."""
    if 200 <= status < 300:
        return
    if status in {412, 416}:
        raise ChangedError
    if status in FORBIDDEN:
        raise RefusedError(
            f"HTTP {status}, access denied", "check the address and your credentials", final=False
        )
    if status in {404, 410}:
        raise RefusedError(f"HTTP {status}, there is no such file", "check the address")
    if 300 <= status < 400 or status in PERMANENT:
        raise RefusedError(f"HTTP {status}", "check the address")
    raise TransientError(f"HTTP {status}", wait)


def ca_bundle(*variables: str) -> str | None:
    """Certificate authorities: the path in the first of these variables that is set, or None."""
    for name in variables:
        if path := os.environ.get(name):
            if not Path(path).exists():
                raise PipelineError(f"{name}: {path} does not exist: correct the variable")
            return path
    return None
