"""How far long work has come: a bar on a terminal, plain lines otherwise."""

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")
LINES = 10  # as many reports at the most where there is no terminal


def progress(items: Sequence[T], name: str) -> Iterator[T]:
    """Yield the items, reporting on stderr under `name`."""
    if sys.stderr.isatty():
        yield from tqdm(items, desc=name, leave=False, file=sys.stderr)
        return
    every = -(-len(items) // LINES)
    for number, item in enumerate(items, start=1):
        yield item
        if number % every == 0 or number == len(items):
            print(f"{name}: {number} of {len(items)}", file=sys.stderr, flush=True)
