"""Reading data sets of natural language inference, split by split."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..common.errors import PipelineError
from ..fetch.local_copy import local_file
from .examples import Examples, check_labels, check_parallel, hold_out, read_examples, take
from .formats import has_member
from .sources import ENGLISH, Files, parse


def load(
    files: Files, languages: Sequence[str], sizes: Mapping[str, int], cache: Path
) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, int]]]:
    """The splits train, dev and test with columns id, language, premise, hypothesis and label.

    Rows stand by language, English first, then in the order of the files; rows of one id say the
    same in every language of dev and of test. `sizes` bounds the examples of a language by split,
    a third of each label. Training examples that stand in dev or test too are left out. With the
    splits come counts of what was left out. Raises PipelineError; a language without test data is
    no error unless no language has some.
    """
    everywhere = [ENGLISH, *languages]
    held = {
        split: _split(template, everywhere, files, cache)
        for split, template in (("dev", files.dev), ("test", files.test))
    }
    train = _split(files.train, [ENGLISH], files, cache)
    for template, part in ((files.train, train), (files.dev, held["dev"])):
        if ENGLISH not in part:
            raise PipelineError(f"nli {template!r}: has no English examples: name another file")
    if not held["test"]:
        told = f"has no examples in {', '.join(everywhere)}"
        raise PipelineError(f"nli {files.test!r}: {told}: name another file, or its languages")
    if files.translated is not None:
        train |= _split(files.translated, languages, files, cache)
    left_out = {split: _undecided(part) for split, part in {"train": train, **held}.items()}
    for split, part in held.items():
        check_parallel(part)
        for language in train.keys() & part.keys():
            kept, found = hold_out(train[language], part[language], refuse=split == "test")
            train[language] = kept
            key = f"also in {split}"
            left_out["train"][key] = left_out["train"].get(key, 0) + found
    parts = {"train": train, **held}
    return {split: _table(part, sizes[split]) for split, part in parts.items()}, left_out


def summary(
    splits: Mapping[str, pd.DataFrame], languages: Sequence[str], left_out: Mapping[str, Any]
) -> dict[str, Any]:
    """Examples by split and language (0 in a language without), and what was left out."""
    counts = {
        split: {language: int((frame["language"] == language).sum()) for language in languages}
        for split, frame in splits.items()
    }
    return {"examples": counts, "left_out": dict(left_out)}


def _undecided(part: Mapping[str, Examples]) -> dict[str, int]:
    return {"no gold label": sum(each.undecided for each in part.values())}


def _split(
    template: str, languages: Sequence[str], files: Files, cache: Path
) -> dict[str, Examples]:
    """The examples of each language that has some, their labels checked."""
    found = {}
    for language in languages:
        if files.covered is not None and language not in files.covered:
            continue
        examples = _read(template, language, cache)
        if examples is not None:
            check_labels(examples)
            found[language] = examples
    return found


def _read(template: str, language: str, cache: Path) -> Examples | None:
    """A language's examples; None if the address is not for it or has none in it."""
    address, layout = parse(template, language)
    own = "{language}" in template
    if language != ENGLISH and not own and layout.language is None:
        return None
    with local_file(address, cache) as path:
        if own and address.kind == "file" and layout.member is None and not path.exists():
            return None
        if own and layout.member is not None and not has_member(path, layout.member):
            return None
        examples = read_examples(path, layout, language)
    return None if layout.language is not None and not len(examples) else examples


def _table(part: Mapping[str, Examples], size: int) -> pd.DataFrame:
    return pd.concat([take(each, size) for each in part.values()], ignore_index=True)
