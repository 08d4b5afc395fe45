"""Retrieval of all test pairs and of the agreed ones, and how many of each are right.

Agreed pairs are those that two statistical aligners have (`judge`). They are a subset of the
queries: candidates and CSLS neighbourhoods are those of all test pairs.
"""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from ..judge.finders import (
    AGREED,
    ALL_PAIRS,
    AS_MANY,
    BOTH,
    FOUND_BY,
    KINDS,
    RANDOM,
    RANDOM_SUBSET,
    agreed,
    as_many_random,
)
from .headline import group_means
from .heldout import HeldOut, RetrievedWords, chosen_words
from .language_groups import ALL
from .retrieval import gain_text, read_by_language, retrieval_rows, share_text

SHIFTED = ("class", "frequency")  # analyses
# The analysis and the bin of each kind of pairs, see `analyses.agreement`.
BINS = {
    AGREED: (FOUND_BY, BOTH),
    ALL_PAIRS: ("all", "all"),
    RANDOM: (RANDOM_SUBSET, AS_MANY),
}


def protocol_rows(analyses: pd.DataFrame, unaligned: Collection[str] = ()) -> pd.DataFrame:
    """The `retrieval_rows` of each kind of pairs, which the column `pairs` names (of KINDS)."""
    frames = []
    for pairs, of in BINS.items():
        rows = retrieval_rows(analyses, unaligned, of=of).assign(pairs=pairs)
        frames.append(rows.assign(bar=rows["bar"] + ", " + pairs))
    return pd.concat(frames, ignore_index=True)


def read_precision(folder: Path, languages: Iterable[str]) -> pd.DataFrame:
    """How many pairs are right by language, gold set and kind of pairs; see `judge.precision`."""
    return read_by_language(folder, "precision", languages)


def precision_means(rows: pd.DataFrame) -> dict[str, float]:
    """The share of right pairs by kind of pairs: mean over languages, each with equal weight."""
    by_language = rows.groupby(["pairs", "language"])["precision"].mean()
    return {str(pairs): float(mean) for pairs, mean in by_language.groupby("pairs").mean().items()}


def precision_text(rows: pd.DataFrame) -> str:
    """What the gold sets say of the pairs, in one or two sentences."""
    means = precision_means(rows)
    if ALL_PAIRS not in means:
        return "There is no gold set, so how many test pairs are right is not known."
    text = f"On the gold sets, {100 * means[ALL_PAIRS]:.1f} % of pairs made like these are right"
    if AGREED not in means:
        return f"{text}; the aligners agree on none of them."
    return (
        f"{text}, and {100 * means[AGREED]:.1f} % of those that both aligners have (means over "
        "languages). An accuracy near such a share is near its ceiling."
    )


def precision_table(rows: pd.DataFrame) -> str:
    """Markdown of `read_precision` in per cent, with 95 % intervals over sentences."""
    if rows.empty:
        return ""
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows.to_dict("records"):
        line = cells.setdefault((str(row["language"]), str(row["gold"])), {})
        line[str(row["pairs"])] = f"{100 * row['precision']:.1f}"
        if not pd.isna(row["low"]):  # pairs of one sentence have no interval
            line[str(row["pairs"])] += f" [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
        line["kept"] = f"{100 * row['share']:.0f}"
    table = pd.DataFrame.from_dict(cells, orient="index").reindex(
        columns=[ALL_PAIRS, AGREED, "kept"]
    )
    table.index = pd.Index([language for language, _ in cells], name="gold set of")
    return str(table.fillna("").to_markdown(stralign="right", disable_numparse=True))


def protocol_means(
    tests: Mapping[str, HeldOut],
    retrieved: Mapping[str, Mapping[str, RetrievedWords]],
    unaligned: Collection[str],
    resamples: int,
    seed: int,
) -> dict[str, dict[str, pd.DataFrame]]:
    """The `headline.group_means` of each kind of pairs that has words in all languages.

    A mean over fewer languages could not be compared.
    """
    chosen = {
        AGREED: {code: agreed(test.found_by) for code, test in tests.items()},
        ALL_PAIRS: {code: np.arange(len(test.found_by)) for code, test in tests.items()},
        RANDOM: {code: as_many_random(test.found_by, seed) for code, test in tests.items()},
    }
    means = {}
    for pairs, rows in chosen.items():
        if all(map(len, rows.values())):
            words = chosen_words(tests, retrieved, rows)
            means[pairs] = group_means(*words, unaligned, resamples, seed)
    return means


def disagreement_text(tests: Mapping[str, HeldOut]) -> str:
    """Which languages have no agreed pairs; empty if all have some."""
    without = [code for code, test in tests.items() if not len(agreed(test.found_by))]
    if not without:
        return ""
    return f" The aligners agree on no test pair of {', '.join(without)}, so all pairs come first."


def encoder_links_text(backend: str) -> str:
    """A warning if the encoder chose the test pairs itself; `backend` is that of word_align."""
    if backend != "encoder":
        return ""
    return (
        " The unmodified encoder itself linked the words of the test pairs (word_align.backend: "
        "encoder), so it does better on them than on others; words linked by hand have no such "
        "bias."
    )


def protocol_table(means: Mapping[str, Mapping[str, pd.DataFrame]]) -> str:
    """Markdown of `protocol_cells`."""
    table = protocol_cells(means).set_index("pairs")
    return str(table.to_markdown(stralign="right", disable_numparse=True))


def protocol_cells(means: Mapping[str, Mapping[str, pd.DataFrame]]) -> pd.DataFrame:
    """`protocol_means` in per cent, as text: a row for each kind of pairs and mean."""
    lines = []
    for pairs, groups in means.items():
        for group, rows in groups.items():
            first, *others = rows.to_dict("records")
            name = KINDS[pairs] if group == ALL else f"{KINDS[pairs]}, {group}"
            line = {"pairs": name, "words": f"{first['words']:,}"}
            for row in (first, *others):
                line[str(row["method"])] = share_text(row["accuracy"], row["low"], row["high"])
            for row in others:
                line[f"{row['method']} − {first['method']}"] = gain_text(row)
            lines.append(line)
    return pd.DataFrame(lines).fillna("")


def read_shift(folder: Path, languages: Iterable[str]) -> pd.DataFrame:
    """How agreed pairs differ from all: the means of `analyses.agreement.shift` over languages.

    `folder` is that of the step analyses. Columns: analysis, bin, all, agreed.
    """
    rows = read_by_language(folder, "shift", languages)
    # A language without words in a bin has the share 0.
    sums = rows.groupby(["analysis", "bin"], sort=False)[[ALL_PAIRS, AGREED]].sum()
    return (sums / rows["language"].nunique()).reset_index()


def shift_table(rows: pd.DataFrame) -> str:
    """Markdown of `read_shift` in per cent, for the analyses SHIFTED."""
    shown = rows[rows["analysis"].isin(SHIFTED)]
    if shown.empty:
        return "The aligners agree on no pairs."
    table = 100 * shown[[ALL_PAIRS, AGREED]].set_axis(["all pairs", "agreed pairs"], axis=1)
    table.index = pd.Index(shown["analysis"] + ": " + shown["bin"])
    return str(table.to_markdown(floatfmt=".1f"))
