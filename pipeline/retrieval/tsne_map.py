"""A map of words in context, before and after: t-SNE, as in the paper's Figure 1.

Van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 2008.
"""

import numpy as np
import pandas as pd
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

TYPES = 14  # pairs of word types on the map
LETTERS = 4  # of an English word, at least: shorter ones are mostly function words, which scatter
OCCURRENCES = 16  # of each, at most
PERPLEXITY = 30.0


def word_map(pairs: pd.DataFrame, source: np.ndarray, english: np.ndarray) -> pd.DataFrame:
    """Where occurrences of frequent words lie in the plane, one row a side and pair.

    `pairs` is a table of `pairs.word_pairs`; row i of `source` and `english` [pairs or more,
    dimension] are the vectors of pair i. Which words are shown depends on the table alone, so that
    two encoders show the same. Columns: side (source or english), pair (its number), x and y.
    Without frequent words there are no rows. One thread, so that the same vectors give the same
    bytes.
    """
    rows = frequent(pairs)
    points = np.concatenate([source[rows], english[rows]]).astype(np.float64)
    norms = np.linalg.norm(points, axis=1, keepdims=True)
    points = np.divide(points, norms, out=np.zeros_like(points), where=norms > 0)
    places = np.zeros((0, 2))
    if len(points) > 2:
        perplexity = min(PERPLEXITY, (len(points) - 1) / 3)
        with threadpool_limits(1):
            places = TSNE(perplexity=perplexity, random_state=0).fit_transform(points)
    frame = pd.DataFrame(places.astype(np.float32), columns=["x", "y"])
    side = np.repeat(np.array(["source", "english"], object), len(rows))[: len(frame)]
    pair = np.tile(rows.astype(np.int32), 2)[: len(frame)]
    return pd.DataFrame({"side": side, "pair": pair}).join(frame)


def frequent(pairs: pd.DataFrame, types: int = TYPES, occurrences: int = OCCURRENCES) -> np.ndarray:
    """Numbers of the first occurrences of the most frequent pairs of types, int64, ascending.

    Types are without case and of letters only, the English ones of LETTERS or more. Of two pairs
    that share a word the more frequent one is taken. A pair must occur twice.
    """
    folded = pairs[["source_word", "english_word"]].apply(lambda column: column.map(str.casefold))
    letters = folded.map(str.isalpha).all(axis=1) & (folded["english_word"].str.len() >= LETTERS)
    names = pd.MultiIndex.from_frame(folded)
    counts = folded[letters].value_counts()
    chosen: list[tuple[str, str]] = []
    ordered = sorted((-count, *name) for name, count in counts.items() if count > 1)
    for _, *pair in ordered:
        if len(chosen) < types and not any(set(pair) & set(each) for each in chosen):
            chosen.append((pair[0], pair[1]))
    known = names.isin(chosen)
    order = folded.groupby(["source_word", "english_word"]).cumcount().to_numpy()
    return np.flatnonzero(known & (order < occurrences))
