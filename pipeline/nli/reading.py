"""Read the splits of a natural-language-inference data set."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..common.errors import PipelineError
from ..fetch.archives import has_member
from ..fetch.local_copy import Copies
from .examples import (
    Examples,
    check_labels,
    check_parallel,
    common_examples,
    hold_out,
    read_examples,
    take_per_label,
)
from .sources import ENGLISH_LANGUAGE, Files, parse_layout


def load_splits(
    files: Files,
    languages: Sequence[str],
    sizes: Mapping[str, int],
    cache: Path,
    checksums: Path | None = None,
) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, int]]]:
    """Return the splits train, dev and test, and counts of the examples left out.

    Columns: id, language, premise, hypothesis, label. Rows are grouped by language, English first,
    in file order; in dev and test, rows with the same id are translations of each other. `sizes`
    limits the examples per language in each split, a third of them per label. Training examples
    that are also in dev or test are left out, and so are examples whose row is faulty in one of the
    languages, if `files` allows it; a line on stderr reports them. Raises PipelineError, but for
    missing test data only if no language has any.
    """
    copies = Copies(cache, checksums)
    everywhere = [ENGLISH_LANGUAGE, *languages]
    held = {
        split: _split(template, everywhere, files, copies)
        for split, template in (("dev", files.dev), ("test", files.test))
    }
    train = _split(files.train, [ENGLISH_LANGUAGE], files, copies)
    for template, part in ((files.train, train), (files.dev, held["dev"])):
        if ENGLISH_LANGUAGE not in part:
            raise PipelineError(f"nli {template!r}: has no English examples: name another file")
    if not held["test"]:
        detail = f"has no examples in {', '.join(everywhere)}"
        raise PipelineError(f"nli {files.test!r}: {detail}: name another file, or its languages")
    if files.translated is not None:
        train |= _split(files.translated, languages, files, copies)
    left_out = {split: _left_out(part) for split, part in {"train": train, **held}.items()}
    held = {split: common_examples(part) for split, part in held.items()}
    for split, part in held.items():
        check_parallel(part)
        left_out["train"] |= _held_out(train, part, split)
    parts = {"train": train, **held}
    return {split: _table(part, sizes[split]) for split, part in parts.items()}, left_out


def _held_out(
    train: dict[str, Examples], part: Mapping[str, Examples], split: str
) -> dict[str, int]:
    """Remove the examples of a split from the training data, in place, and count them."""
    counts: dict[str, int] = {}
    for language in train.keys() & part.keys():
        train[language], removed = hold_out(train[language], part[language], refuse=split == "test")
        counts[f"also in {split}"] = counts.get(f"also in {split}", 0) + removed
    return counts


def summary(
    splits: Mapping[str, pd.DataFrame], languages: Sequence[str], left_out: Mapping[str, Any]
) -> dict[str, Any]:
    """Number of examples per split and language (0 if none), and of those left out."""
    counts = {
        split: {language: int((frame["language"] == language).sum()) for language in languages}
        for split, frame in splits.items()
    }
    return {"examples": counts, "left_out": dict(left_out)}


def _left_out(part: Mapping[str, Examples]) -> dict[str, int]:
    counts = {"no gold label": sum(examples.undecided for examples in part.values())}
    # Languages that share a file share its faulty rows.
    faults = list(dict.fromkeys(fault for each in part.values() for fault in each.faults))
    if faults:
        counts["faulty row"] = len(faults)
        rows = "1 faulty row" if len(faults) == 1 else f"{len(faults)} faulty rows"
        print(f"nli: {rows} skipped, the first: {faults[0]}", file=sys.stderr)
    return counts


def _split(
    template: str, languages: Sequence[str], files: Files, copies: Copies
) -> dict[str, Examples]:
    """The examples of each available language, with labels checked."""
    by_language = {}
    for language in languages:
        if files.covered is not None and language not in files.covered:
            continue
        examples = _read(template, language, files.faulty, copies)
        if examples is not None:
            check_labels(examples)
            by_language[language] = examples
    return by_language


def _read(template: str, language: str, faulty: float, copies: Copies) -> Examples | None:
    """A language's examples; None if the address does not cover it."""
    address, layout = parse_layout(template, language)
    per_language = "{language}" in template
    if language != ENGLISH_LANGUAGE and not per_language and layout.language is None:
        return None
    with copies.local(address) as path:
        if per_language and address.kind == "file" and layout.member is None and not path.exists():
            return None
        if per_language and layout.member is not None and not has_member(path, layout.member):
            return None
        examples = read_examples(path, layout, language, faulty)
    return None if layout.language is not None and not len(examples) else examples


def _table(part: Mapping[str, Examples], size: int) -> pd.DataFrame:
    tables = [take_per_label(examples, size) for examples in part.values()]
    return pd.concat(tables, ignore_index=True)
