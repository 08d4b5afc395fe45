"""Error rates of word links on a gold set, with intervals, for any aligner's links.

With links A, sure gold links S and possible ones P, which include S, all summed over the sentences
(Och and Ney, 2003):

    AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|)
    precision = |A ∩ P| / |A|, recall = |A ∩ S| / |S|
    F1 = 2 precision recall / (precision + recall)
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..statistics.bootstrap import LEVEL, RESAMPLES, Bootstrap, Interval, bootstrap
from .gold import Gold
from .links import Links

COUNTS = ("sentences", "sure", "possible", "links")
NAMES = {"aer": "AER", "precision": "precision", "recall": "recall", "f1": "F1"}


@dataclass(frozen=True)
class LinkRates:
    """Shares from 0 to 1 with their 95 % intervals, and the numbers they are based on.

    The bounds of a rate are nan if all links that it counts are of one sentence. `possible`
    includes the `sure` links.
    """

    sentences: int
    sure: int
    possible: int
    links: int
    aer: Interval
    precision: Interval
    recall: Interval
    f1: Interval

    def row(self) -> dict[str, float]:
        """The numbers and the rates by name, with the bounds as `aer_low`, `aer_high` and so on."""
        row: dict[str, float] = {name: getattr(self, name) for name in COUNTS}
        for name in NAMES:
            rate: Interval = getattr(self, name)
            row |= {name: rate.value, f"{name}_low": rate.low, f"{name}_high": rate.high}
        return row


def link_rates(links: Links, gold: Gold, *, resamples: int = RESAMPLES, seed: int = 1) -> LinkRates:
    """The rates of some links, at least one, with the bootstrap's intervals over sentences.

    Sentences with neither links nor sure links are not drawn: they change no rate. F1 is 0 if
    precision and recall are.
    """
    # 1 - AER is a mean too: of the links that are possible and the sure links that are found.
    possible, found = np.isin(links.keys, gold.possible.keys), np.isin(gold.sure.keys, links.keys)
    outcomes = np.full((len(possible) + len(found), 3), np.nan)
    outcomes[: len(possible), 0] = possible
    outcomes[len(possible) :, 1] = found
    outcomes[:, 2] = np.concatenate([possible, found])
    sentences = np.concatenate([links.sentence, gold.sure.sentence])
    result = bootstrap(outcomes, sentences, resamples=resamples, seed=seed)
    precision, recall, agreement = (result.mean([column]) for column in range(3))
    aer = replace(
        agreement, value=1 - agreement.value, low=1 - agreement.high, high=1 - agreement.low
    )
    counts = gold.sure.sentences, len(gold.sure), len(gold.possible), len(links)
    return LinkRates(*counts, aer, precision, recall, _f1(result, agreement))


def _f1(result: Bootstrap, agreement: Interval) -> Interval:
    """The interval of F1, with as many items and sentences as `agreement`."""
    value = float(_harmonic_means(result.observed[None])[0])
    if math.isnan(agreement.low):
        return replace(agreement, value=value)
    resampled = _harmonic_means(result.resampled)
    bounds = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(resampled[~np.isnan(resampled)], bounds).tolist()
    return replace(agreement, value=value, low=low, high=high)


def _harmonic_means(shares: np.ndarray) -> np.ndarray:
    """Of the first two columns; 0 if both are 0, nan where one is."""
    total = shares[:, 0] + shares[:, 1]
    product = 2 * shares[:, 0] * shares[:, 1]
    means: np.ndarray = np.divide(product, total, out=np.zeros_like(total), where=total != 0)
    return means


def rates_table(rates: Mapping[str, LinkRates]) -> str:
    """A Markdown table in per cent, one row per file of links, and a line about the gold set."""
    cells = [
        {
            "links": file,
            **{title: _per_cent(getattr(of_file, name)) for name, title in NAMES.items()},
            "number": f"{of_file.links:,}",
        }
        for file, of_file in rates.items()
    ]
    align = ["left", *["right"] * (len(NAMES) + 1)]
    table = pd.DataFrame(cells).to_markdown(index=False, colalign=align, disable_numparse=True)
    gold = next(iter(rates.values()))
    return (
        f"{table}\n\nPer cent, with 95 % intervals over sentences. The gold set: "
        f"{gold.sentences:,} sentence pairs, {gold.possible:,} links, {gold.sure:,} of them sure."
    )


def rates_records(rates: Mapping[str, LinkRates], gold: str) -> list[dict[str, Any]]:
    """One dict per file of links, for CSV and JSON: shares from 0 to 1, None for unknown bounds."""
    rows = {file: of_file.row() for file, of_file in rates.items()}
    return [
        {"file": file, "gold": gold, **{name: _known(value) for name, value in row.items()}}
        for file, row in rows.items()
    ]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _per_cent(rate: Interval) -> str:
    text = f"{100 * rate.value:.1f}"
    if math.isnan(rate.low):
        return text
    return f"{text} [{100 * rate.low:.1f}, {100 * rate.high:.1f}]"
