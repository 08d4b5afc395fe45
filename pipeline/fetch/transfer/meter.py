"""Progress of a download: a bar on a terminal, plain lines otherwise."""

import sys
import time
from threading import Lock
from types import TracebackType
from typing import NoReturn

from tqdm import tqdm

MAX_REPORTS = 10  # lines printed without a terminal, if the length is known
REPORT_STEP = 100 << 20  # bytes between two lines if it is not


class Meter:
    """Counts bytes from several threads and reports on stderr under `name`.

    `total` is in bytes, None if unknown; an earlier run fetched `done` of them.
    """

    def __init__(self, name: str, total: int | None, done: int) -> None:
        self._name, self._total, self._done_before = name, total, done
        self._lock = Lock()
        self._bar: tqdm[NoReturn] | None = None
        if sys.stderr.isatty():
            self._bar = tqdm(
                desc=name, total=total, initial=done, unit="B", unit_scale=True, leave=False
            )
        self._step = -(-total // MAX_REPORTS) if total else REPORT_STEP
        self.restart(done)

    def restart(self, done: int = 0) -> None:
        """Start counting from `done` again."""
        self._done = done
        self._start = time.monotonic()
        if self._bar is not None:
            self._bar.reset()
            self._bar.update(done)

    def advance(self, count: int) -> None:
        """Add the number of bytes just received."""
        with self._lock:
            before, self._done = self._done, self._done + count
            if self._bar is not None:
                self._bar.update(count)
            elif before // self._step < self._done // self._step or self._done == self._total:
                print(self._line(), file=sys.stderr, flush=True)

    def _line(self) -> str:
        speed = (self._done - self._done_before) / max(time.monotonic() - self._start, 1e-3)
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
