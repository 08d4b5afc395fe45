"""Build the hand-written NLI sample: parallel sentence pairs made from word lists.

`patterns.yaml` says which sentence templates are premises of which hypothesis; one file per
language (`en.yaml`, ...) has the templates and their words, see `grammar`.

A *fill* is a pattern with an item in every slot. It gives one hypothesis and three premises, one
per label, so the hypothesis alone says nothing about the label:

    hypothesis      Nina is singing.
    entailment      Nina and Paul are singing.
    neutral         Nina or Paul is singing.
    contradiction   Neither Nina nor Paul is singing.

The *key* of a fill is its phenomenon and the items of its hypothesis (here Nina and sing). Each key
is used once. So within a phenomenon, no test hypothesis combines the same content words as a
training hypothesis, even in another pattern (negated, passive) or order; the single words do occur
in training. No hypothesis text occurs in two fills, in any language.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, product, zip_longest
from pathlib import Path
from random import Random

import pandas as pd

from ..common.errors import PipelineError
from .grammar import PATTERNS_FILE, Fill, Grammar, Pattern, read_sources, render, slots_of
from .labels import LABELS

SAMPLE_COLUMNS = ["split", "id", "language", "premise", "hypothesis", "label", "phenomenon"]


def build_sample(folder: Path, *, train: int, dev: int, test: int, seed: int) -> pd.DataFrame:
    """The sample as a table, with one row per example and language.

    Columns: SAMPLE_COLUMNS. Rows are ordered by split (train, dev, test), id and language; rows
    with the same id are translations. Sizes count examples per language; the three labels are
    equally frequent in each split.

    Raises PipelineError if a size is not a multiple of three or exceeds what can be built, or if a
    file of `folder` is missing, unreadable or lacks a word, a form or a template.
    """
    sizes = {"train": train, "dev": dev, "test": test}
    for split, size in sizes.items():
        if size < 0 or size % len(LABELS):
            raise PipelineError(f"{split}={size}: give a multiple of {len(LABELS)}, 0 or more")
    languages, patterns = read_sources(folder)
    rng = Random(seed)
    wanted = sum(sizes.values()) // len(LABELS)
    fills = list(islice(_draw_fills(patterns, languages, rng), wanted))
    if len(fills) < wanted:
        most = f"the words give {len(fills) * len(LABELS)} examples in all"
        raise PipelineError(f"{folder / PATTERNS_FILE}: {most}; ask for fewer or add words")
    rows: list[tuple[object, ...]] = []
    first = 0
    for split, size in sizes.items():
        chosen = fills[first // len(LABELS) : (first + size) // len(LABELS)]
        examples = [(*fill, label) for fill in chosen for label in LABELS]
        rng.shuffle(examples)
        for number, (pattern, fill, label) in enumerate(examples, start=first):
            for language in languages:
                premise = render(language, pattern.premises[label], fill)
                hypothesis = render(language, pattern.hypothesis, fill)
                code = language.path.stem
                rows.append((split, number, code, premise, hypothesis, label, pattern.phenomenon))
        first += size
    return pd.DataFrame(rows, columns=SAMPLE_COLUMNS)


def _draw_fills(
    patterns: Sequence[Pattern], languages: Sequence[Grammar], rng: Random
) -> Iterator[tuple[Pattern, Fill]]:
    """All fills with new keys and new hypotheses, alternating phenomena."""
    groups: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        groups.setdefault(pattern.phenomenon, []).append(pattern)
    texts: set[str] = set()  # the hypotheses of all phenomena
    return _alternate([_fills_of(group, languages, texts, rng) for group in groups.values()])


def _fills_of(
    group: Sequence[Pattern], languages: Sequence[Grammar], texts: set[str], rng: Random
) -> Iterator[tuple[Pattern, Fill]]:
    """Fills of one phenomenon, alternating its patterns; adds hypotheses to `texts`."""
    keys: set[frozenset[str]] = set()

    def fills(pattern: Pattern) -> Iterator[tuple[Pattern, Fill]]:
        for fill in _hypothesis_fills(pattern, languages, rng):
            key = frozenset(fill.values())
            hypotheses = {f"{g.path} {render(g, pattern.hypothesis, fill)}" for g in languages}
            if key not in keys and not hypotheses & texts:
                keys.add(key)
                texts.update(hypotheses)
                yield pattern, _complete(pattern, fill, rng)

    return _alternate([fills(pattern) for pattern in group])


def _alternate(sources: Sequence[Iterator[tuple[Pattern, Fill]]]) -> Iterator[tuple[Pattern, Fill]]:
    """Take one element of each source in rotation, skipping exhausted sources."""
    for row in zip_longest(*sources):
        yield from filter(None, row)


def _hypothesis_fills(pattern: Pattern, languages: Sequence[Grammar], rng: Random) -> list[Fill]:
    """All ways to fill the slots of the hypothesis, in random order."""
    used = slots_of(" ".join(language.sentences[pattern.hypothesis] for language in languages))
    fills: list[Fill] = [
        dict(zip(used, items, strict=True))
        for items in product(*(pattern.slots[slot] for slot in used))
        if len(set(items)) == len(items)
    ]
    rng.shuffle(fills)
    return fills


def _complete(pattern: Pattern, fill: Fill, rng: Random) -> Fill:
    """`fill` with the slots that only the premises use filled at random, no item twice."""
    whole = dict(fill)
    for slot, items in pattern.slots.items():
        if slot not in whole:
            whole[slot] = rng.choice([item for item in items if item not in whole.values()])
    return whole
