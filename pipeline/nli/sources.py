"""Data sets of natural language inference: where their splits are, and reading them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.addresses import Address, local_file, parse_address
from pipeline.errors import PipelineError
from pipeline.nli.examples import (
    Examples,
    check_labels,
    check_parallel,
    hold_out,
    read_examples,
    take,
)
from pipeline.nli.formats import Layout, has_member

ENGLISH = "en"
XNLI = frozenset(
    ("ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")
)
OPTIONS = ("premise", "hypothesis", "label", "language", "id", "header", "member")


@dataclass(frozen=True)
class Files:
    """Addresses of the splits, see `pipeline.addresses`, with the fields of `Layout` as options.

    `{language}` stands for a language's code; an address without it, and without the option
    `language` for a column of codes, has English only. `translated`: training data in the other
    languages. `covered`: the languages there are, where addresses cannot tell.
    """

    train: str
    dev: str
    test: str
    translated: str | None = None
    covered: frozenset[str] | None = None


def official(xnli: str, multinli: str, translated: str | None) -> Files:
    """XNLI-1.0.zip, multinli_1.0.zip and perhaps XNLI-MT-1.0.zip, given by their addresses.

    Source: Conneau et al., "XNLI: Evaluating Cross-lingual Sentence Representations", 2018;
    Williams, Nangia, Bowman, "A Broad-Coverage Challenge Corpus for Sentence Understanding
    through Inference", 2018.
    """
    columns = "premise=sentence1&hypothesis=sentence2&label=gold_label&id=pairID"
    machine = "hypothesis=hypo&member=multinli/multinli.train.{language}.tsv"
    return Files(
        train=_with(multinli, f"{columns}&member=multinli_1.0_train.jsonl"),
        dev=_with(xnli, f"{columns}&language=language&member=xnli.dev.tsv"),
        test=_with(xnli, f"{columns}&language=language&member=xnli.test.tsv"),
        translated=translated and _with(translated, machine),
    )


def hub(dataset: str, revision: str, *, translated: bool) -> Files:
    """A dataset of the Hugging Face Hub laid out as facebook/xnli, at a commit."""
    file = f"hf:{dataset}@{revision}/{{language}}/{{}}-00000-of-00001.parquet"
    train = file.replace("{}", "train")
    return Files(
        train=train,
        dev=file.replace("{}", "validation"),
        test=file.replace("{}", "test"),
        translated=train if translated else None,
        covered=XNLI,
    )


def check_address(text: str) -> None:
    """Raise PipelineError unless params may name this file."""
    _parse(text, ENGLISH)


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
    address, layout = _parse(template, language)
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


def _parse(template: str, language: str) -> tuple[Address, Layout]:
    address = parse_address(template.replace("{language}", language), "nli", OPTIONS)
    options = {name: value for name, value in address.options.items() if name in OPTIONS}
    header = tuple(options.pop("header", "").split(","))
    return address, Layout(**options, header=header if any(header) else None)


def _with(address: str, options: str) -> str:
    return f"{address}{'&' if '#' in address else '#'}{options}"


def _table(part: Mapping[str, Examples], size: int) -> pd.DataFrame:
    return pd.concat([take(each, size) for each in part.values()], ignore_index=True)
