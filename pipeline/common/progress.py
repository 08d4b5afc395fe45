"""Progress of long work: a bar on a terminal, a line now and then without one."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

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
