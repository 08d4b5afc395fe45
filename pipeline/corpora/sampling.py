"""Taking some of a stream of pairs: the first ones, or a random sample."""

import random
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def take(items: Iterable[T], size: int, method: str, seed: int) -> Iterator[T]:
    """Yield `size` items (all, if there are fewer) in their order: `head`, or a seeded `reservoir`.

    The reservoir (algorithm R, Vitter 1985) gives each subset of that size the same chance.
    """
    if method == "head":
        return islice(items, size)
    chance = random.Random(seed)
    kept: list[tuple[int, T]] = []
    for number, item in enumerate(items):
        if number < size:
            kept.append((number, item))
        elif (place := chance.randrange(number + 1)) < size:
            kept[place] = (number, item)
    return (item for _, item in sorted(kept, key=lambda each: each[0]))
