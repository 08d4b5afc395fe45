"""How many word pairs are right, measured on gold alignments."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from tokenizers import Tokenizer

from ..pairs.settings import PairSettings
from ..pairs.word_pairs import pairs_of_sentences
from ..statistics.bootstrap import bootstrap
from ..word_align.gold import Gold
from ..word_align.links import Links
from .finders import AGREED, ALL_PAIRS, BOTH
from .judge import found_by

COLUMNS = ["gold", "pairs", "sentences", "links", "share", "precision", "low", "high"]


def gold_pairs(
    gold: Gold, links: Links, tokenizer: Tokenizer, settings: PairSettings
) -> pd.DataFrame:
    """The table of `pairs.word_pairs` that links of the gold sentences give, with `right`.

    A pair is right if it is among the possible links of the gold set.
    """
    _, table = pairs_of_sentences(gold.source, gold.english, links, tokenizer, settings)
    pairs: pd.DataFrame = table.to_pandas()
    link = (pairs[name].to_numpy() for name in ("line", "source_index", "english_index"))
    pairs["right"] = gold.possible.contain(*link)
    return pairs


def precision_rows(
    pairs: Mapping[str, pd.DataFrame],
    aligners: Mapping[str, tuple[Links, Links]],
) -> pd.DataFrame:
    """The share of pairs that are right, of all pairs and of those that both aligners have.

    `pairs` are tables of `gold_pairs` by gold set, `aligners` the links of fast_align and Eflomal
    in its sentences. One row per gold set and kind of pairs, with COLUMNS: `share` is that of all
    pairs, `low` and `high` bound the 95 % interval over sentences. A kind without pairs has no row.
    """
    rows = []
    for name, table in pairs.items():
        both = found_by(table, *aligners[name]) == BOTH
        for kind, chosen in ((ALL_PAIRS, table), (AGREED, table[both])):
            if chosen.empty:
                continue
            right = chosen["right"].to_numpy(np.float64)[:, None]
            result = bootstrap(right, chosen["line"].to_numpy())
            mean = result.mean([0])
            row = (name, kind, mean.clusters, mean.items, mean.items / len(table))
            rows.append((*row, mean.value, mean.low, mean.high))
    return pd.DataFrame(rows, columns=COLUMNS)
