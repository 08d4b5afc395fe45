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
class RetrievedWords:
    """What one method retrieved in a language.

    The fields are the tables that the step retrieval writes to the files of these names.
    """

    outcomes: pd.DataFrame
    neighbours: pd.DataFrame
    map: pd.DataFrame


def read_tests(
    pairs: Path, text: Path, retrieval: Path, languages: Iterable[str], methods: Iterable[str]
) -> tuple[dict[str, HeldOut], dict[str, dict[str, RetrievedWords]]]:
    """The test words by language, and the retrieved words by language and method.

    The folders are those of the steps pairs, tokenize and retrieval. Raises PipelineError if the
    numbers of words differ.
    """
    tests, retrieved = {}, {}
    for language in languages:
        tests[language] = read_test(pairs / language, text / language)
        retrieved[language] = read_retrieved(retrieval, methods, language)
        check_lengths(tests[language], retrieved[language], language)
    return tests, retrieved


def read_test(pairs: Path, text: Path) -> HeldOut:
    """The test words of a language, read from its folders of the steps pairs and tokenize."""
    table = pd.read_parquet(pairs / "test.parquet")
    lines, sentence = np.unique(table["line"], return_inverse=True)
    source, english = (read_lines(text / f"{side}.txt") for side in ("source", "english"))
    return HeldOut(
        pairs=table,
        sentence=sentence,
        source=[source[line] for line in lines.tolist()],
        english=[english[line] for line in lines.tolist()],
    )


def read_retrieved(
    folder: Path, methods: Iterable[str], language: str
) -> dict[str, RetrievedWords]:
    """What each method retrieved in a language; `folder` is that of the step retrieval."""
    retrieved = {}
    for method in methods:
        paths = (folder / method / language / f"{name}.parquet" for name in FILES)
        retrieved[method] = RetrievedWords(*map(pd.read_parquet, paths))
    return retrieved


def check_lengths(test: HeldOut, retrieved: Mapping[str, RetrievedWords], language: str) -> None:
    """Raise PipelineError unless each method has one outcome per test pair."""
    for method, words in retrieved.items():
        if len(words.outcomes) != len(test.pairs):
            raise PipelineError(
                f"report: {method} has outcomes of {len(words.outcomes)} words in {language}, "
                f"which has {len(test.pairs)} test pairs: run `dvc repro retrieval` again"
            )
