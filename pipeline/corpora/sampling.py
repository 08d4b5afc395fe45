"""Take the first pairs of a stream, or a random sample."""

import random
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def take_pairs(items: Iterable[Item], size: int, method: str, seed: int) -> Iterator[Item]:
    """Yield at most `size` items in their order: the `head`, or a seeded `reservoir` sample.

    The reservoir (algorithm R, Vitter 1985) makes every subset of that size equally likely.
    """
    if method == "head":
        return islice(items, size)
    rng = random.Random(seed)
    sample: list[tuple[int, Item]] = []
    for number, item in enumerate(items):
        if number < size:
            sample.append((number, item))
        elif (place := rng.randrange(number + 1)) < size:
            sample[place] = (number, item)
    return (item for _, item in sorted(sample, key=lambda numbered: numbered[0]))
