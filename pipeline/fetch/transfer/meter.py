"""How far a download has come: a bar on a terminal, plain lines otherwise."""

import sys
import time
from threading import Lock
from types import TracebackType
from typing import NoReturn

from tqdm import tqdm

LINES = 10  # as many reports at the most where there is no terminal and the length is known
UNKNOWN = 100 << 20  # bytes between two reports where the length is not known


class Meter:
    """Counts bytes, from several threads, and reports on stderr under `name`.

    `total` is in bytes, None if unknown; `done` of them are there from an earlier run.
    """

    def __init__(self, name: str, total: int | None, done: int) -> None:
        self._name, self._total, self._first = name, total, done
        self._lock = Lock()
        self._bar: tqdm[NoReturn] | None = None
        if sys.stderr.isatty():
            self._bar = tqdm(
                desc=name, total=total, initial=done, unit="B", unit_scale=True, leave=False
            )
        self._every = -(-total // LINES) if total else UNKNOWN
        self.restart(done)

    def restart(self, done: int = 0) -> None:
        """Count from `done` again."""
        self._done = done
        self._began = time.monotonic()
        if self._bar is not None:
            self._bar.reset()
            self._bar.update(done)

    def advance(self, count: int) -> None:
        """Count bytes that have come."""
        with self._lock:
            before, self._done = self._done, self._done + count
            if self._bar is not None:
                self._bar.update(count)
            elif before // self._every < self._done // self._every or self._done == self._total:
                print(self._line(), file=sys.stderr, flush=True)

    def _line(self) -> str:
        speed = (self._done - self._first) / max(time.monotonic() - self._began, 1e-3)
        if self._total is None:
            return f"{self._name}: {self._done / 1e6:.1f} MB, {speed / 1e6:.1f} MB/s"
        left = (self._total - self._done) / max(speed, 1.0)
        return (
            f"{self._name}: {self._done / 1e6:.1f} of {self._total / 1e6:.1f} MB, "
            f"{speed / 1e6:.1f} MB/s, {left:.0f} s left"
        )

    def __enter__(self) -> "Meter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
