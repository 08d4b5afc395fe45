"""Progress of long work: a bar on a terminal, a line now and then without one."""

import sys
import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any, NoReturn, Protocol, TypeVar

from tqdm import tqdm

T_co = TypeVar("T_co", covariant=True)
SECONDS = 10.0  # between two lines where there is no terminal


class Items(Protocol[T_co]):
    """Items whose number is known."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T_co]: ...


def progress(
    items: Items[T_co], name: str, status: Callable[[], str] = str, done: int = 0
) -> Iterator[T_co]:
    """Yield the items and report on stderr under `name`, with the text that `status` returns.

    `done` items were finished in an earlier run. Without a terminal there is a line every SECONDS,
    so short work prints nothing.
    """
    total = done + len(items)
    if sys.stderr.isatty():
        bar = tqdm(items, name, total, initial=done, leave=False, file=sys.stderr)
        for item in bar:
            yield item
            bar.set_postfix_str(status(), refresh=False)
        return
    start = reported = time.monotonic()
    for number, item in enumerate(items, start=done + 1):
        yield item
        now = time.monotonic()
        if number < total and now - reported >= SECONDS:
            reported = now
            seconds = (now - start) / (number - done) * (total - number)
            left = f"{tqdm.format_interval(seconds)} left"
            parts = filter(None, [f"{name}: {number} of {total}", left, status()])
            print(", ".join(parts), file=sys.stderr, flush=True)
    if reported > start:
        parts = filter(None, [f"{name}: {total} of {total}", status()])
        print(", ".join(parts), file=sys.stderr, flush=True)


class ByteProgress:
    """Progress of transfers whose sizes become known as they begin; for several threads.

    Reports on stderr under `name`: a bar on a terminal, otherwise a line every SECONDS while bytes
    arrive, so short transfers print nothing.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._bar: tqdm[NoReturn] | None = None
        self._total = self._done = 0
        self._start = self._reported = time.monotonic()

    def expect(self, count: int) -> None:
        """Raise the total by `count` bytes, or lower it by what will not arrive."""
        with self._lock:
            self._total += count
            if self._bar is None and sys.stderr.isatty():
                options: dict[str, Any] = {"unit": "B", "unit_scale": True, "leave": False}
                self._bar = tqdm(desc=self._name, file=sys.stderr, **options)
            if self._bar is not None:
                self._bar.total = self._total
                self._bar.refresh()

    def advance(self, count: int) -> None:
        """Add the number of bytes just received."""
        with self._lock:
            self._done += count
            if self._bar is not None:
                self._bar.update(count)
            elif time.monotonic() - self._reported >= SECONDS:
                self._report()

    def _report(self) -> None:
        self._reported = time.monotonic()
        speed = self._done / max(self._reported - self._start, 1e-3)
        left = tqdm.format_interval(max(self._total - self._done, 0) / max(speed, 1.0))
        megabytes = f"{self._done / 1e6:.1f} of {max(self._total, self._done) / 1e6:.1f} MB"
        speed_and_left = f"{speed / 1e6:.1f} MB/s, {left} left"
        print(f"{self._name}: {megabytes}, {speed_and_left}", file=sys.stderr, flush=True)

    def __enter__(self) -> "ByteProgress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._reported > self._start:
            print(f"{self._name}: {self._done / 1e6:.1f} MB", file=sys.stderr, flush=True)
