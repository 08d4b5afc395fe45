"""Labelled sentence pairs of one language as a table, and the checks that a data set must pass."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ..common.errors import PipelineError
from .formats import origin, read_rows
from .labels import LABELS
from .sources import Layout

COLUMNS = ["id", "language", "premise", "hypothesis", "label"]
NUMBERS = {str(number): label for number, label in enumerate(LABELS)}  # as facebook/xnli has them
NAMES = {**{label: label for label in LABELS}, "contradictory": "contradiction", **NUMBERS}
UNDECIDED = "-"  # of five annotators no three agreed (Williams, Nangia, Bowman 2018)
MISSING = ("", "none", "-1")
LEAK = 0.01  # share of a test set in the training data from which the split must be a mistake


@dataclass(frozen=True)
class Examples:
    """The examples of one split and language.

    `frame` has COLUMNS, and `key`, the file's own id or "". `id` counts the file's examples of the
    language from 0, those included that were left out: `undecided` without a gold label.
    """

    origin: str
    language: str
    frame: pd.DataFrame
    undecided: int = 0

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def texts(self) -> pd.Index:
        """Premise and hypothesis of each example."""
        return pd.MultiIndex.from_frame(self.frame[["premise", "hypothesis"]])


def read_examples(path: Path, layout: Layout, language: str) -> Examples:
    """The examples of a file in one language, white space around the texts cut.

    A layout without a language column has none but that language's. Raises PipelineError naming
    file and line for an unknown or missing label and for a text that is none.
    """
    name = origin(path, layout)
    rows: list[tuple[int, str, str, str, str, str]] = []
    seen = 0
    for line, row in read_rows(path, layout):
        if layout.language is not None and row[layout.language] != language:
            continue
        where = f"{name}:{line}"
        label = _label(row[layout.label], where)
        if label is not None:
            texts = [_text(row[side], side, where) for side in (layout.premise, layout.hypothesis)]
            key = "" if layout.id is None else str(row[layout.id])
            rows.append((seen, language, texts[0], texts[1], label, key))
        seen += 1
    return Examples(name, language, pd.DataFrame(rows, columns=[*COLUMNS, "key"]), seen - len(rows))


def _label(value: object, where: str) -> str | None:
    text = str(value).strip().lower()
    if text in MISSING:
        raise PipelineError(f"{where}: has no label: give the data set with its labels")
    if text not in NAMES and text != UNDECIDED:
        raise PipelineError(f"{where}: unknown label {text!r}: write one of {', '.join(NAMES)}")
    return NAMES.get(text)


def _text(value: object, column: str, where: str) -> str:
    try:
        if isinstance(value, str):
            value.encode("utf-8")  # JSON can carry lone surrogates, which are no text
            return value.strip()
    except UnicodeError:
        pass
    raise PipelineError(f"{where}: {column} is {value!r:.40}, no text: mend the file")


def check_labels(examples: Examples) -> None:
    """Raise PipelineError unless each label occurs."""
    found = set(examples.frame["label"])
    if len(found) < len(LABELS):
        told = f"{len(examples)} examples in {examples.language}, labels {sorted(found)}"
        remedy = f"give a file with {', '.join(LABELS)} (XTREME's test set has no labels)"
        raise PipelineError(f"{examples.origin}: {told}: {remedy}")


def check_parallel(split: Mapping[str, Examples]) -> None:
    """Raise PipelineError unless all languages have the same ids and labels, row by row."""
    reference, *others = split.values()
    for each in others:
        if len(each) != len(reference):
            counts = f"{len(each)} in {each.language}, but {len(reference)} in {reference.language}"
            _not_parallel(each, reference, f"examples: {counts}")
        for column in ("id", "key", "label"):
            pairs = zip(each.frame[column], reference.frame[column], strict=True)
            for number, (here, there) in zip(each.frame["id"], pairs, strict=True):
                if here != there:
                    told = f"example {number}: {column} {here} in {each.language}, {there} in"
                    _not_parallel(each, reference, f"{told} {reference.language}")


def _not_parallel(each: Examples, reference: Examples, told: str) -> None:
    other = "" if reference.origin == each.origin else f" as {reference.origin}"
    remedy = f"give the same examples in the same order{other}, or take the language out"
    raise PipelineError(f"{each.origin}: not parallel, {told}: {remedy}")


def hold_out(train: Examples, held: Examples, *, refuse: bool) -> tuple[Examples, int]:
    """Training examples without those that are also in `held`, and how many these are.

    Of chance repetitions (one-word answers) a data set has a few. Raises PipelineError with
    `refuse` if more than a share LEAK of `held` is in the training data: no such split is meant.
    """
    known = held.texts.isin(train.texts).sum()
    if refuse and known > LEAK * len(held):
        told = f"holds {known} of the {len(held)} examples in {held.language} of {held.origin}"
        raise PipelineError(f"{train.origin}: {told}: give training data without them")
    repeated = train.texts.isin(held.texts)
    left = train.frame[~repeated].reset_index(drop=True)
    return replace(train, frame=left), int(repeated.sum())


def take(examples: Examples, size: int) -> pd.DataFrame:
    """COLUMNS of the first examples, at most `size` / 3 of each label, in the file's order."""
    frame = examples.frame
    of_label = frame.groupby("label").cumcount()
    return frame.loc[of_label < size // len(LABELS), COLUMNS].reset_index(drop=True)
