"""Tables of what was measured at each layer: data frames for CSV, and Markdown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .language_groups import not_aligned
from .tables import read_json


def read_layers(
    folder: Path, methods: Sequence[str], languages: Iterable[str], kind: str = "words"
) -> pd.DataFrame:
    """What was measured by layer: the column `layer`, and one column per method.

    `kind` is of LAYER_FIGURES. Accuracies are means over both directions, error rates over the gold
    sets; all are means over the languages, which have equal weight. `folder` is that of the step
    retrieval. Without gold sets the methods have no values.
    """
    rows = []
    for method, language in product(methods, languages):
        of_language = read_json(folder / method / language / "figures.json")
        for layer, figures in of_language["layers"].items():
            if (value := LAYER_FIGURES[kind](figures)) is not None:
                rows.append((int(layer), method, value))
    if not rows:
        return pd.DataFrame({"layer": np.array([], int), **dict.fromkeys(methods, np.array([]))})
    table = pd.DataFrame(rows, columns=["layer", "method", "value"])
    table = table.pivot_table(index="layer", columns="method", values="value")
    return table.reindex(columns=[*methods]).rename_axis(columns=None).reset_index()


def _mean_error_rate(figures: Mapping[str, Any]) -> float | None:
    rates = [of_set["aer"] for of_set in figures["gold"].values()]
    return sum(rates) / len(rates) if rates else None


LAYER_FIGURES: dict[str, Callable[[Mapping[str, Any]], float | None]] = {
    "words": lambda figures: figures["words"]["mean"],
    "sentences": lambda figures: figures["sentences"]["margin"]["mean"],
    "gold": _mean_error_rate,
}


def group_layers(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One or two tables of `read_layers` as one; the second is of languages not aligned."""
    first, *others = tables
    for other in others:
        names = {method: not_aligned(method) for method in other.columns[1:]}
        # Gold sets, and so error rates by layer, may be of one group only.
        first = first.merge(other.rename(columns=names), on="layer", how="outer")
    return first


def layers_table(rows: pd.DataFrame) -> str:
    """Markdown of `read_layers` in per cent."""
    if rows.empty:
        return "There is no gold set."
    return str((100 * rows.set_index("layer")).to_markdown(floatfmt=".1f"))
