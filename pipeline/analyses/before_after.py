"""What two methods retrieved for each word pair, as a table for people to read."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..common.errors import PipelineError
from ..retrieval.results import DIRECTIONS

FATES = np.array(["wrong", "fixed", "broken", "right"], object)


def fates(
    pairs: pd.DataFrame,
    source: Sequence[str],
    english: Sequence[str],
    before: pd.DataFrame,
    after: pd.DataFrame,
) -> pd.DataFrame:
    """What two methods retrieved for each word pair, one row a direction and pair.

    `pairs` is a table of `pairs.word_pairs`, `source` and `english` are the tokenised lines that it
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
    # The order of encoder.word_vectors: words, [CLS] of all sentences, [SEP] of all sentences.
    sentences = words.drop_duplicates("line")
    added = [sentences.assign(word=token, index=-1) for token in ("[CLS]", "[SEP]")]
    return pd.concat([words, *added], ignore_index=True).astype(words.dtypes)
