"""Test pairs on which the two statistical aligners agree, and how they differ from all others."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..judge.finders import (
    AGREED,
    ALL_PAIRS,
    AS_MANY,
    BOTH,
    FINDERS,
    FOUND_BY,
    RANDOM_SUBSET,
    as_many_random,
)
from ..retrieval.results import DIRECTIONS
from .word_groups import Bins


def agreement_bins(found_by: np.ndarray, seed: int) -> dict[str, Bins]:
    """The bins of two analyses, by name; `found_by` [pairs] is of `judge.finders`.

    FOUND_BY has the pairs of each finder, RANDOM_SUBSET as many random pairs as both aligners have.
    """
    subset = np.full(len(found_by), "", object)
    subset[as_many_random(found_by, seed)] = AS_MANY
    finders = found_by.astype(object)
    return {
        FOUND_BY: Bins([*FINDERS], finders, finders),
        RANDOM_SUBSET: Bins([AS_MANY], subset, subset),
    }


def shift(bins: Mapping[str, Bins], found_by: np.ndarray) -> pd.DataFrame:
    """How the agreed pairs differ in kind from all pairs: analysis, bin, all and agreed.

    The last two columns are shares of pairs, means of both directions. Bins without pairs have no
    row. Without agreed pairs there are no rows.
    """
    rows = []
    agreed = found_by == BOTH
    for analysis, groups in bins.items():
        labels = np.stack([getattr(groups, direction) for direction in DIRECTIONS])
        for name in groups.names:
            inside = labels == name
            if agreed.any() and inside.any():
                rows.append((analysis, name, inside.mean(), inside[:, agreed].mean()))
    return pd.DataFrame(rows, columns=["analysis", "bin", ALL_PAIRS, AGREED])
