"""What retrieval found for each word pair: as a table to keep, and as one for people to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import PipelineError

DIRECTIONS = {"to_english": ("source", "english"), "from_english": ("english", "source")}
FATES = np.array(["wrong", "fixed", "broken", "right"], object)


@dataclass(frozen=True)
class Near:
    """The nearest rows of each query, best first, of which there are a fixed number, `near`."""

    rows: np.ndarray  # int64 [n, near]
    scores: np.ndarray  # float64 [n, near], the similarity itself
    occurrences: np.ndarray  # int64 [n], of a row of the other side: queries that have it near

    def head(self, rows: int) -> "Near":
        """Those of the first queries."""
        return Near(self.rows[:rows], self.scores[:rows], self.occurrences[:rows])


@dataclass(frozen=True)
class Retrieved:
    """What the queries of one direction found; both arrays are int64 [n]."""

    found: np.ndarray  # the best row of the other side; behind the words come special tokens
    rank: np.ndarray  # how many rows come before the own one
    near: Near | None = None  # if they were kept

    def head(self, rows: int) -> "Retrieved":
        """The first queries; what they found may be a later row."""
        near = self.near and self.near.head(rows)
        return Retrieved(self.found[:rows], self.rank[:rows], near)

    def accuracy(self, cutoff: int = 1) -> float:
        """Share of the queries whose own row is among the first `cutoff`."""
        return float(np.mean(self.rank < cutoff))


def outcomes(directions: tuple[Retrieved, Retrieved]) -> pd.DataFrame:
    """One row a word pair, in the order of the pairs.

    Columns by direction: `_found` (number of the pair whose word was retrieved), `_rank` (words
    that come before the right one), and `_near`: how many queries have the pair's word of the
    target side among their nearest ones, if that was counted.
    """
    columns = {}
    for direction, retrieved in zip(DIRECTIONS, directions, strict=True):
        columns[f"{direction}_found"] = retrieved.found.astype(np.int32)
        columns[f"{direction}_rank"] = retrieved.rank.astype(np.int32)
        if retrieved.near:
            columns[f"{direction}_near"] = retrieved.near.occurrences.astype(np.int32)
    return pd.DataFrame(columns)


def neighbours(directions: tuple[Retrieved, Retrieved], count: int = 5) -> pd.DataFrame:
    """The nearest words of each query, best first, `count` at most, which were kept in both.

    One row a direction, query and neighbour: direction, pair (number of the query's), found (as in
    `outcomes`) and score (the similarity, float32).
    """
    frames = []
    for direction, retrieved in zip(DIRECTIONS, directions, strict=True):
        assert retrieved.near
        rows, scores = retrieved.near.rows[:, :count], retrieved.near.scores[:, :count]
        frames.append(
            pd.DataFrame(
                {
                    "direction": direction,
                    "pair": np.repeat(np.arange(len(rows), dtype=np.int32), rows.shape[1]),
                    "found": rows.astype(np.int32).ravel(),
                    "score": scores.astype(np.float32).ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def fates(
    pairs: pd.DataFrame,
    source: Sequence[str],
    english: Sequence[str],
    before: pd.DataFrame,
    after: pd.DataFrame,
) -> pd.DataFrame:
    """What two methods retrieved for each word pair, one row a direction and pair.

    `pairs` is a table of `pipeline.pairs`, `source` and `english` are the tokenised lines that it
    numbers, `before` and `after` the `outcomes` of two methods. Columns:

    - direction (to_english or from_english) and fate: right or wrong under both, fixed or broken;
    - line, word, index, sentence: the query, its token index, and its sentence;
    - answer, answer_index, answer_sentence: its translation;
    - before_ and after_ with word, line, index, sentence and rank: what was retrieved, and how many
      words came before the answer. [CLS] and [SEP], if they were among the words, have index -1.

    Raises PipelineError if the outcomes are not of these pairs.
    """
    if not len(pairs) == len(before) == len(after):
        raise PipelineError(
            f"analyses: outcomes of {len(before)} and {len(after)} words for {len(pairs)} pairs: "
            "run retrieval again"
        )
    texts = {"source": source, "english": english}
    words = {side: _words(pairs, side, text) for side, text in texts.items()}
    return pd.concat(
        [_direction(direction, words, before, after) for direction in DIRECTIONS],
        ignore_index=True,
    )


def _words(pairs: pd.DataFrame, side: str, text: Sequence[str]) -> pd.DataFrame:
    sentences = [text[line] for line in pairs["line"].tolist()]
    columns = {
        "line": pairs["line"],
        "word": pairs[f"{side}_word"],
        "index": pairs[f"{side}_index"],
        "sentence": pd.Series(sentences, pairs.index, dtype=object),
    }
    return pd.DataFrame(columns).reset_index(drop=True)


def hubness(occurrences: np.ndarray) -> dict[str, float]:
    """How unequally the candidates are found (Radovanović et al., 2010).

    `occurrences` [n] says for how many queries each is among the nearest ones. `skewness` is the
    third standardised moment of these counts, 0 where all are equal; `never` is the share of the
    candidates that are near no query.
    """
    counts = occurrences.astype(np.float64)
    spread = counts.std()
    skewness = float(np.mean(((counts - counts.mean()) / spread) ** 3)) if spread else 0.0
    return {"skewness": skewness, "never": float(np.mean(counts == 0))}


def _direction(
    direction: str, words: Mapping[str, pd.DataFrame], before: pd.DataFrame, after: pd.DataFrame
) -> pd.DataFrame:
    query, target = (words[side] for side in DIRECTIONS[direction])
    right = [each[f"{direction}_rank"].to_numpy() == 0 for each in (before, after)]
    candidates = _with_special(target)
    table = query.copy()
    table.insert(0, "direction", direction)
    table.insert(1, "fate", FATES[right[1] + 2 * right[0]])
    for name in ("word", "index", "sentence"):
        table["answer" if name == "word" else f"answer_{name}"] = target[name]
    for method, each in (("before", before), ("after", after)):
        found = candidates.iloc[each[f"{direction}_found"]].reset_index(drop=True)
        table = table.join(found.add_prefix(f"{method}_"))
        table[f"{method}_rank"] = each[f"{direction}_rank"].to_numpy()
    return table


def _with_special(words: pd.DataFrame) -> pd.DataFrame:
    # In the order of pipeline.vectors: behind the words [CLS] of all sentences, then [SEP] of all.
    sentences = words.drop_duplicates("line")
    added = [sentences.assign(word=token, index=-1) for token in ("[CLS]", "[SEP]")]
    return pd.concat([words, *added], ignore_index=True).astype(words.dtypes)
