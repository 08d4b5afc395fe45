"""What two methods retrieved for each word pair, as a readable table."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..common.errors import PipelineError
from ..retrieval.results import DIRECTIONS


def fates(
    pairs: pd.DataFrame,
    source: Sequence[str],
    english: Sequence[str],
    before: pd.DataFrame,
    after: pd.DataFrame,
) -> pd.DataFrame:
    """What two methods retrieved for each word pair, one row per direction and pair.

    `pairs` is a table of `pairs.word_pairs`, `source` and `english` the tokenised lines that its
    column `line` indexes, `before` and `after` the `outcomes` of two methods. Columns:

    - direction (to_english or from_english) and fate: right or wrong under both, fixed or broken;
    - line, word, index, sentence: the query, its token index and its sentence;
    - answer, answer_index, answer_sentence: its translation;
    - before_ and after_ with word, line, index, sentence and rank: what was retrieved, and how many
      words ranked above the answer. [CLS] and [SEP], if they were candidates, have index -1.

    Raises PipelineError if the number of outcomes is not that of the pairs.
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


def _direction(
    direction: str, words: Mapping[str, pd.DataFrame], before: pd.DataFrame, after: pd.DataFrame
) -> pd.DataFrame:
    query, target = (words[side] for side in DIRECTIONS[direction])
    fate = _fates(*(outcomes[f"{direction}_rank"].to_numpy() == 0 for outcomes in (before, after)))
    candidates = _with_special(target)
    table = query.copy()
    table.insert(0, "direction", direction)
    table.insert(1, "fate", fate)
    for name in ("word", "index", "sentence"):
        table["answer" if name == "word" else f"answer_{name}"] = target[name]
    for prefix, outcomes in (("before", before), ("after", after)):
        retrieved = candidates.iloc[outcomes[f"{direction}_found"]].reset_index(drop=True)
        table = table.join(retrieved.add_prefix(f"{prefix}_"))
        table[f"{prefix}_rank"] = outcomes[f"{direction}_rank"].to_numpy()
    return table


def _fates(right_before: np.ndarray, right_after: np.ndarray) -> np.ndarray:
    was_right = np.where(right_after, "right", "broken")
    was_wrong = np.where(right_after, "fixed", "wrong")
    return np.where(right_before, was_right, was_wrong).astype(object)


def _with_special(words: pd.DataFrame) -> pd.DataFrame:
    # Rows are in the order of encoder.word_vectors: words, then all [CLS], then all [SEP].
    sentences = words.drop_duplicates("line")
    added = [sentences.assign(word=token, index=-1) for token in ("[CLS]", "[SEP]")]
    return pd.concat([words, *added], ignore_index=True).astype(words.dtypes)
