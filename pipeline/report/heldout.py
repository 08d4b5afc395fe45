"""The test words of one language, their sentences, and the words that each method retrieved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..common.errors import PipelineError
from ..common.files import read_lines

FILES = ("outcomes", "neighbours", "map")


@dataclass(frozen=True)
class HeldOut:
    """The word pairs of a language's test split.

    `pairs` is a table of `pairs.word_pairs`; `sentence` [pairs] numbers the sentence of each
    pair, in corpus order. `source` and `english` are these sentences, with tokens separated by
    spaces.
    """

    pairs: pd.DataFrame
    sentence: np.ndarray
    source: list[str]
    english: list[str]


@dataclass(frozen=True)
class Found:
    """What one method retrieved in a language: the files of these names of the step retrieval."""

    outcomes: pd.DataFrame
    neighbours: pd.DataFrame
    map: pd.DataFrame


def read_tests(
    pairs: Path, text: Path, retrieval: Path, languages: Iterable[str], methods: Iterable[str]
) -> tuple[dict[str, HeldOut], dict[str, dict[str, Found]]]:
    """The test words by language, and the retrieved words by language and method.

    The folders are those of the steps pairs, tokenize and retrieval. Raises PipelineError if the
    numbers of words differ.
    """
    tests = {each: read_test(pairs / each, text / each) for each in languages}
    found = {each: read_found(retrieval, methods, each) for each in languages}
    for language, test in tests.items():
        check_lengths(test, found[language], language)
    return tests, found


def read_test(pairs: Path, text: Path) -> HeldOut:
    """The test words of a language, read from its folders of the steps pairs and tokenize."""
    table = pd.read_parquet(pairs / "test.parquet")
    lines, sentence = np.unique(table["line"], return_inverse=True)
    source, english = (read_lines(text / f"{side}.txt") for side in ("source", "english"))
    chosen = lines.tolist()
    return HeldOut(
        table, sentence, [source[line] for line in chosen], [english[line] for line in chosen]
    )


def read_found(folder: Path, methods: Iterable[str], language: str) -> dict[str, Found]:
    """What each method retrieved in a language; `folder` is that of the step retrieval."""
    return {
        method: Found(
            *(pd.read_parquet(folder / method / language / f"{name}.parquet") for name in FILES)
        )
        for method in methods
    }


def check_lengths(test: HeldOut, found: Mapping[str, Found], language: str) -> None:
    """Raise PipelineError unless each method has one outcome per test pair."""
    for method, each in found.items():
        if len(each.outcomes) != len(test.pairs):
            raise PipelineError(
                f"report: {method} has outcomes of {len(each.outcomes)} words in {language}, which "
                f"has {len(test.pairs)} test pairs: run `dvc repro retrieval` again"
            )
