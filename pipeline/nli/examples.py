"""Tables of labelled sentence pairs in one language, and checks of a data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..common.errors import PipelineError
from ..fetch.packed import PackedFile
from ..fetch.tables import RowFaults, Table, read_table, text_cell
from .labels import LABELS
from .sources import Layout

EXAMPLE_COLUMNS = ["id", "language", "premise", "hypothesis", "label"]
NUMBERS = {str(number): label for number, label in enumerate(LABELS)}  # as in facebook/xnli
LABEL_NAMES = {**{label: label for label in LABELS}, "contradictory": "contradiction", **NUMBERS}
UNDECIDED = "-"  # no three of five annotators agreed (Williams, Nangia, Bowman 2018)
MISSING = ("", "none", "-1")
NAME_COLUMNS = (
    "name them, as in file:own/PATH#premise=sentence1&hypothesis=sentence2&label=gold_label"
)
LEAK = 0.01  # more of the test set than this in the training data means a wrong split


@dataclass(frozen=True)
class Examples:
    """The examples of one split and language.

    `frame` has EXAMPLE_COLUMNS and `key`, the id in the file or "". `id` numbers all examples of
    the language in the file from 0, including the `undecided` ones that were left out because they
    have no gold label. `faults` has a line for each row of the file that was skipped.
    """

    origin: str
    language: str
    frame: pd.DataFrame
    undecided: int = 0
    faults: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def texts(self) -> pd.Index:
        """Premise and hypothesis of each example."""
        return pd.MultiIndex.from_frame(self.frame[["premise", "hypothesis"]])


def read_examples(path: Path, layout: Layout, language: str, faulty: float = 0.0) -> Examples:
    """Read a file's examples in one language; white space around texts is stripped.

    Without a language column in the layout, all rows are in that language. Raises PipelineError
    with file and line for a row that does not fit its columns, an unknown or missing label and a
    value that is not text; but rows with these faults are skipped up to the share `faulty` of all.
    """
    file = PackedFile(path, layout.member)
    faults = RowFaults(faulty)
    rows: list[tuple[int, str, str, str, str, str]] = []
    seen = 0
    for line, row in read_table(Table(file, layout.columns, NAME_COLUMNS, layout.header), faults):
        if layout.language is not None and row[layout.language] != language:
            continue
        try:
            example = _example(row, layout, f"{file}:{line}")
        except PipelineError as fault:
            faults.add(fault)
            continue
        if example is not None:
            rows.append((seen, language, *example))
        seen += 1
    frame = pd.DataFrame(rows, columns=[*EXAMPLE_COLUMNS, "key"])
    return Examples(str(file), language, frame, seen - len(rows), faults.messages)


def _example(
    row: Mapping[str, Any], layout: Layout, where: str
) -> tuple[str, str, str, str] | None:
    """Premise, hypothesis, label and key of a row; None without a gold label."""
    label = _label(row[layout.label], where)
    if label is None:
        return None
    premise, hypothesis = (
        text_cell(row[side], side, where).strip() for side in (layout.premise, layout.hypothesis)
    )
    return premise, hypothesis, label, "" if layout.id is None else str(row[layout.id])


def _label(value: object, where: str) -> str | None:
    text = str(value).strip().lower()
    if text in MISSING:
        raise PipelineError(f"{where}: has no label: give the data set with its labels")
    if text not in LABEL_NAMES and text != UNDECIDED:
        raise PipelineError(
            f"{where}: unknown label {text!r}: write one of {', '.join(LABEL_NAMES)}"
        )
    return LABEL_NAMES.get(text)


def check_labels(examples: Examples) -> None:
    """Raise PipelineError unless each label occurs."""
    labels = set(examples.frame["label"])
    if len(labels) < len(LABELS):
        detail = f"{len(examples)} examples in {examples.language}, labels {sorted(labels)}"
        remedy = f"give a file with {', '.join(LABELS)} (XTREME's test set has no labels)"
        raise PipelineError(f"{examples.origin}: {detail}: {remedy}")


def common_examples(split: Mapping[str, Examples]) -> dict[str, Examples]:
    """Leave out, in all languages, the examples whose row was skipped in one.

    Keys show which these are: without keys that are unique in each language, nothing is left out.
    Ids are then those of the language with the most examples.
    """
    skipped = any(examples.faults for examples in split.values())
    if not skipped or not all(examples.frame["key"].is_unique for examples in split.values()):
        return dict(split)
    keys = set.intersection(*(set(examples.frame["key"]) for examples in split.values()))
    ids = max(split.values(), key=len).frame.set_index("key")["id"]
    common = {}
    for language, examples in split.items():
        frame = examples.frame[examples.frame["key"].isin(keys)].reset_index(drop=True)
        common[language] = replace(examples, frame=frame.assign(id=frame["key"].map(ids)))
    return common


def check_parallel(split: Mapping[str, Examples]) -> None:
    """Raise PipelineError unless all languages have the same ids and labels, row by row."""
    reference, *others = split.values()
    for examples in others:
        if len(examples) != len(reference):
            here = f"{len(examples)} in {examples.language}"
            there = f"{len(reference)} in {reference.language}"
            _not_parallel(examples, reference, f"examples: {here}, but {there}")
        for column in ("id", "key", "label"):
            pairs = zip(examples.frame[column], reference.frame[column], strict=True)
            for number, (here, there) in zip(examples.frame["id"], pairs, strict=True):
                if here != there:
                    detail = f"example {number}: {column} {here} in {examples.language}, {there} in"
                    _not_parallel(examples, reference, f"{detail} {reference.language}")


def _not_parallel(examples: Examples, reference: Examples, detail: str) -> None:
    other = "" if reference.origin == examples.origin else f" as {reference.origin}"
    remedy = f"give the same examples in the same order{other}, or take the language out"
    raise PipelineError(f"{examples.origin}: not parallel, {detail}: {remedy}")


def hold_out(train: Examples, held: Examples, *, refuse: bool) -> tuple[Examples, int]:
    """Remove training examples that are also in `held`; return the rest and how many were removed.

    A few examples repeat by chance, such as one-word answers. With `refuse`, raises PipelineError
    if more than the fraction LEAK of `held` is in the training data, since that split is wrong.
    """
    known = held.texts.isin(train.texts).sum()
    if refuse and known > LEAK * len(held):
        detail = f"holds {known} of the {len(held)} examples in {held.language} of {held.origin}"
        raise PipelineError(f"{train.origin}: {detail}: give training data without them")
    repeated = train.texts.isin(held.texts)
    left = train.frame[~repeated].reset_index(drop=True)
    return replace(train, frame=left), int(repeated.sum())


def take_per_label(examples: Examples, size: int) -> pd.DataFrame:
    """The first `size` / 3 examples of each label in file order, with EXAMPLE_COLUMNS."""
    frame = examples.frame
    of_label = frame.groupby("label").cumcount()
    return frame.loc[of_label < size // len(LABELS), EXAMPLE_COLUMNS].reset_index(drop=True)
