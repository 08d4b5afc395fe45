"""How far long work has come: a bar on a terminal, plain lines otherwise."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from tqdm import tqdm

T_co = TypeVar("T_co", covariant=True)
LINES = 10  # as many reports at the most where there is no terminal


class Items(Protocol[T_co]):
    """Items whose number is known."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T_co]: ...


def progress(
    items: Items[T_co], name: str, status: Callable[[], str] = str, done: int = 0
) -> Iterator[T_co]:
    """Yield the items, reporting on stderr under `name`, with what `status` says.

    `done` items came before these, in an earlier run.
    """
    total = done + len(items)
    if sys.stderr.isatty():
        bar = tqdm(items, name, total, initial=done, leave=False, file=sys.stderr)
        for item in bar:
            yield item
            bar.set_postfix_str(status(), refresh=False)
        return
    start = time.monotonic()
    every = -(-total // LINES)
    for number, item in enumerate(items, start=done + 1):
        yield item
        if total > 1 and (number % every == 0 or number == total):
            seconds = (time.monotonic() - start) / (number - done) * (total - number)
            left = f"{tqdm.format_interval(seconds)} left" if number < total else ""
            parts = filter(None, [f"{name}: {number} of {total}", left, status()])
            print(", ".join(parts), file=sys.stderr, flush=True)
