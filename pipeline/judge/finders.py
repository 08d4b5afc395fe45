"""Which of the two statistical aligners have a word pair, and the kinds of pairs that follow."""

import numpy as np

BOTH, NEITHER = "both", "neither"
FINDERS = (BOTH, "fast_align", "eflomal", NEITHER)  # the values of `found_by`
# The analyses of retrieval by finder and of a random subset, and the bin of the latter.
FOUND_BY, RANDOM_SUBSET, AS_MANY = "found by", "random subset", "as many as both"
AGREED, ALL_PAIRS, RANDOM = "agreed", "all", "random"
KINDS = {
    AGREED: "agreed pairs",
    ALL_PAIRS: "all pairs (the paper's protocol)",
    RANDOM: "random pairs, as many as agreed",
}


def agreed(found_by: np.ndarray) -> np.ndarray:
    """The numbers of the pairs that both aligners have, int64, ascending."""
    return np.flatnonzero(found_by == BOTH)


def as_many_random(found_by: np.ndarray, seed: int) -> np.ndarray:
    """The numbers of as many random pairs, drawn from all, int64, ascending.

    Agreed pairs are easier, not only more often right; a random subset of the same size shows what
    the size alone does.
    """
    drawn = np.random.default_rng(seed).permutation(len(found_by))
    return np.sort(drawn[: len(agreed(found_by))])
