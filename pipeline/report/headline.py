"""The headline figures: mean retrieval accuracy over languages and both directions."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from ..retrieval.results import DIRECTIONS
from ..statistics.bootstrap import RESAMPLES, bootstrap
from .heldout import HeldOut, RetrievedWords
from .language_groups import language_groups

HEADLINE_COLUMNS = ["method", "accuracy", "low", "high"]
HEADLINE_COLUMNS += ["difference", "difference_low", "difference_high", "p", "words", "sentences"]


def group_means(
    tests: Mapping[str, HeldOut],
    retrieved: Mapping[str, Mapping[str, RetrievedWords]],
    unaligned: Collection[str] = (),
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> dict[str, pd.DataFrame]:
    """The `mean_rows` of each of the `language_groups`."""
    rows = {}
    for group, codes in language_groups(tests, unaligned).items():
        chosen = {code: tests[code] for code in codes}
        rows[group] = mean_rows(chosen, {code: retrieved[code] for code in codes}, resamples, seed)
    return rows


def mean_rows(
    tests: Mapping[str, HeldOut],
    retrieved: Mapping[str, Mapping[str, RetrievedWords]],
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> pd.DataFrame:
    """One row per method with its mean accuracy over `tests` and directions: HEADLINE_COLUMNS.

    `retrieved` is by language and method. Languages share English sentences, so the bootstrap
    resamples these: all translations of a drawn sentence are drawn with it. `difference` is to the
    first method.
    """
    methods = list(next(iter(retrieved.values())))
    right, columns = _right(tests, retrieved, methods)
    english = [np.array(test.english, object)[test.sentence] for test in tests.values()]
    result = bootstrap(right, np.concatenate(english), resamples=resamples, seed=seed)
    rows = []
    for method in methods:
        mean = result.mean(columns[method])
        row = {"method": method, "accuracy": mean.value, "low": mean.low, "high": mean.high}
        row |= {"words": mean.items, "sentences": mean.clusters}
        if method != methods[0]:
            change = result.difference(columns[method], columns[methods[0]])
            row |= {"difference": change.value, "p": change.p}
            row |= {"difference_low": change.low, "difference_high": change.high}
        rows.append(row)
    return pd.DataFrame(rows, columns=HEADLINE_COLUMNS)


def _right(
    tests: Mapping[str, HeldOut],
    retrieved: Mapping[str, Mapping[str, RetrievedWords]],
    methods: list[str],
) -> tuple[np.ndarray, dict[str, list[int]]]:
    """Whether each word is retrieved (1 or 0), and the numbers of each method's columns.

    Rows are the words of all languages. Each language, method and direction has a column, which is
    NaN in the rows of other languages.
    """
    languages = np.repeat([*tests], [len(test.pairs) for test in tests.values()])
    arrays: list[np.ndarray] = []
    numbers: dict[str, list[int]] = {method: [] for method in methods}
    for language in tests:
        for method in methods:
            for direction in DIRECTIONS:
                column = np.full(len(languages), np.nan)
                ranks = retrieved[language][method].outcomes[f"{direction}_rank"].to_numpy()
                column[languages == language] = ranks == 0
                numbers[method].append(len(arrays))
                arrays.append(column)
    return np.column_stack(arrays), numbers
