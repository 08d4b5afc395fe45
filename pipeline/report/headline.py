"""One figure for all: retrieval over all languages and both directions, with its uncertainty."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..retrieval.results import DIRECTIONS
from ..statistics.bootstrap import RESAMPLES, bootstrap
from .heldout import Found, HeldOut

COLUMNS = ["method", "accuracy", "low", "high"]
COLUMNS += ["difference", "difference_low", "difference_high", "p", "words", "sentences"]


def mean_rows(
    tests: Mapping[str, HeldOut],
    found: Mapping[str, Mapping[str, Found]],
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> pd.DataFrame:
    """One row a method: its mean accuracy over languages and directions, with the columns COLUMNS.

    `found` is by language and method. Languages share English sentences; these are what is
    resampled, so that all translations of a drawn one are drawn with it. `difference` is to the
    first method.
    """
    methods = list(next(iter(found.values())))
    sizes = [len(test.pairs) for test in tests.values()]
    right = np.full((sum(sizes), len(methods) * len(tests) * len(DIRECTIONS)), np.nan)
    columns: dict[str, list[int]] = {method: [] for method in methods}
    start, column = 0, 0
    for (language, _), size in zip(tests.items(), sizes, strict=True):
        for method in methods:
            for direction in DIRECTIONS:
                ranks = found[language][method].outcomes[f"{direction}_rank"].to_numpy()
                right[start : start + size, column] = ranks == 0
                columns[method].append(column)
                column += 1
        start += size
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
    return pd.DataFrame(rows, columns=COLUMNS)
