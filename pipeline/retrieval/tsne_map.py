"""A map of words in context, drawn for each encoder: t-SNE, as in the paper's Figure 1.

Van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 2008.
"""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

TYPES = 14  # pairs of word types on the map
LETTERS = 4  # at least, of an English word: shorter ones are mostly function words, which scatter
OCCURRENCES = 16  # at most, of each pair of types
PERPLEXITY = 30.0


def word_map(pairs: pd.DataFrame, source: np.ndarray, english: np.ndarray) -> pd.DataFrame:
    """Positions of occurrences of frequent words in the plane, one row per side and pair.

    `pairs` is a table of `pairs.word_pairs`; row i of `source` and `english` [pairs or more,
    dimension] are the vectors of pair i. The table alone decides which words are shown, so two
    encoders show the same words. Columns: side (source or english), pair (its number), x and y.
    Without frequent words there are no rows. Runs in one thread, so that the same vectors give the
    same bytes.
    """
    from sklearn.manifold import TSNE

    numbers = frequent_pairs(pairs)
    points = np.concatenate([source[numbers], english[numbers]]).astype(np.float64)
    norms = np.linalg.norm(points, axis=1, keepdims=True)
    points = np.divide(points, norms, out=np.zeros_like(points), where=norms > 0)
    positions = np.zeros((0, 2))
    if len(points) > 2:
        perplexity = min(PERPLEXITY, (len(points) - 1) / 3)
        with threadpool_limits(1):
            positions = TSNE(perplexity=perplexity, random_state=0).fit_transform(points)
    plane = pd.DataFrame(positions.astype(np.float32), columns=["x", "y"])
    side = np.repeat(np.array(["source", "english"], object), len(numbers))[: len(plane)]
    pair = np.tile(numbers.astype(np.int32), 2)[: len(plane)]
    return pd.DataFrame({"side": side, "pair": pair}).join(plane)


def frequent_pairs(
    pairs: pd.DataFrame, types: int = TYPES, occurrences: int = OCCURRENCES
) -> np.ndarray:
    """Numbers of the first occurrences of the most frequent pairs of types, int64, ascending.

    Types ignore case. They consist of letters only, the English ones of LETTERS or more. Of two
    pairs that share a word, the more frequent one is taken. A pair must occur at least twice.
    """
    folded = pairs[["source_word", "english_word"]].apply(lambda column: column.map(str.casefold))
    letters = folded.map(str.isalpha).all(axis=1) & (folded["english_word"].str.len() >= LETTERS)
    counts = folded[letters].value_counts()
    repeated = [(-count, pair) for pair, count in counts.items() if count > 1]
    chosen: list[tuple[str, str]] = []
    used: set[str] = set()
    for _, pair in sorted(repeated):
        if len(chosen) < types and used.isdisjoint(pair):
            chosen.append(pair)
            used.update(pair)
    on_map = pd.MultiIndex.from_frame(folded).isin(chosen)
    occurrence = folded.groupby(["source_word", "english_word"]).cumcount().to_numpy()
    return np.flatnonzero(on_map & (occurrence < occurrences))
