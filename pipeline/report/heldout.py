"""The test words of one language, their sentences, and the words that each method retrieved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    spaces. `found_by` [pairs] says which aligners have each pair, see `judge.finders`.
    """

    pairs: pd.DataFrame
    sentence: np.ndarray
    source: list[str]
    english: list[str]
    found_by: np.ndarray


@dataclass(frozen=True)
class RetrievedWords:
    """What one method retrieved in a language.

    The fields are the tables that the step retrieval writes to the files of these names.
    """

    outcomes: pd.DataFrame
    neighbours: pd.DataFrame
    map: pd.DataFrame


def read_tests(
    folders: Mapping[str, Path], languages: Iterable[str], methods: Iterable[str]
) -> tuple[dict[str, HeldOut], dict[str, dict[str, RetrievedWords]]]:
    """The test words by language, and the retrieved words by language and method.

    `folders` has those of the steps judge, pairs, retrieval and tokenize. Raises PipelineError if
    the numbers of words differ.
    """
    tests, retrieved = {}, {}
    for language in languages:
        of_language = (folders[step] / language for step in ("pairs", "tokenize", "judge"))
        tests[language] = read_test(*of_language)
        retrieved[language] = read_retrieved(folders["retrieval"], methods, language)
        check_lengths(tests[language], retrieved[language], language)
    return tests, retrieved


def read_test(pairs: Path, text: Path, judge: Path) -> HeldOut:
    """The test words of a language, from its folders of the steps pairs, tokenize and judge."""
    table = pd.read_parquet(pairs / "test.parquet")
    lines, sentence = np.unique(table["line"], return_inverse=True)
    source, english = (read_lines(text / f"{side}.txt") for side in ("source", "english"))
    return HeldOut(
        pairs=table,
        sentence=sentence,
        source=[source[line] for line in lines.tolist()],
        english=[english[line] for line in lines.tolist()],
        found_by=pd.read_parquet(judge / "test.parquet")["found_by"].to_numpy(object),
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


def chosen_words(
    tests: Mapping[str, HeldOut],
    retrieved: Mapping[str, Mapping[str, RetrievedWords]],
    rows: Mapping[str, np.ndarray],
) -> tuple[dict[str, HeldOut], dict[str, dict[str, RetrievedWords]]]:
    """Some test words of each language, and what they retrieved among all test words.

    `rows` are the numbers of the words. Languages without any are left out. Only the outcomes are
    of these words.
    """
    chosen_tests, chosen = {}, {}
    for language, of_language in rows.items():
        if not len(of_language):
            continue
        test = tests[language]
        chosen_tests[language] = replace(
            test,
            pairs=test.pairs.iloc[of_language],
            sentence=test.sentence[of_language],
            found_by=test.found_by[of_language],
        )
        chosen[language] = {
            method: replace(words, outcomes=words.outcomes.iloc[of_language])
            for method, words in retrieved[language].items()
        }
    return chosen_tests, chosen


def check_lengths(test: HeldOut, retrieved: Mapping[str, RetrievedWords], language: str) -> None:
    """Raise PipelineError unless each method has one outcome per test pair."""
    for method, words in retrieved.items():
        if not len(words.outcomes) == len(test.pairs) == len(test.found_by):
            raise PipelineError(
                f"report: {method} has outcomes of {len(words.outcomes)} words in {language}, "
                f"which has {len(test.pairs)} test pairs, {len(test.found_by)} of them judged: run "
                "`dvc repro` again"
            )
