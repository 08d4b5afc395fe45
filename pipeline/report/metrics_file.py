"""The headline figures of a run for metrics.json, which DVC compares between commits.

DVC prints one column per key, so keys are few and short. They are about one method, as is the
report's title: the second of `methods`, compared with the first; whoever wants another one lists it
second. Of further methods there is the mean accuracy, under their names.
"""

from collections.abc import Collection, Mapping

import pandas as pd

from .language_groups import language_groups, transfer_means

# Keys that are not names of methods; stages.values keeps methods from taking them.
KEYS = ("words", "gain", "gain_ci", "langs", "gold", "aer", "xsim", "nli", "nli_gain", "nli_p")
Figures = dict[str, float | str]


def headline_metrics(
    headline: pd.DataFrame, tables: Mapping[str, pd.DataFrame], unaligned: Collection[str] = ()
) -> Figures:
    """The KEYS that the run has figures for, and the other methods; in per cent, but for `nli_p`.

    `headline` is the `headline.mean_rows` of the first of the `language_groups`; all means are over
    these languages. `gain_ci` is half the width of the gain's 95 % interval. `tables` are those of
    the report: retrieval (of the pairs in the headline), nli_summary and gold; gold_retrieval and
    sentences (cosine and margin) if there are any, with one row per direction.
    """
    first, *others = headline.to_dict("records")
    shown = others[0] if others else first
    method = str(shown["method"])
    retrieval = tables["retrieval"]
    languages = next(iter(language_groups(retrieval["language"].unique(), unaligned).values()))
    width = shown["difference_high"] - shown["difference_low"]
    figures: Figures = {
        "words": _percent(shown["accuracy"]),
        "gain": _percent(shown["difference"]),
        "gain_ci": _percent(width / 2),
        "langs": _by_language(retrieval[retrieval["method"] == method], languages),
    }
    figures |= {str(other["method"]): _percent(other["accuracy"]) for other in others[1:]}
    for key, (name, column, chosen) in _means(method).items():
        if name in tables:
            rows = _where(tables[name], {**chosen, "language": languages})
            # Languages have equal weight, however many gold sets they have.
            mean = rows[column].groupby(rows["language"]).mean().mean()
            figures[key] = _percent(1 - mean if key == "xsim" else mean)
    figures |= _inference(tables["nli_summary"], method)
    return {key: figure for key, figure in figures.items() if not pd.isna(figure)}


def _means(method: str) -> dict[str, tuple[str, str, dict[str, list[str]]]]:
    """By key, the table, its column, and the rows of which there is a mean."""
    of_method = {"method": [method]}
    return {
        "gold": ("gold_retrieval", "accuracy", of_method),
        "aer": ("gold", "aer", {"aligner": [method]}),
        "xsim": ("sentences", "accuracy", {**of_method, "similarity": ["margin"]}),
    }


def _where(rows: pd.DataFrame, chosen: Mapping[str, list[str]]) -> pd.DataFrame:
    """The rows that have one of the values in each of the columns."""
    for column, values in chosen.items():
        rows = rows[rows[column].isin(values)]
    return rows


def _by_language(rows: pd.DataFrame, mean_of: Collection[str]) -> str:
    """A line per language, in parentheses if it is not in the mean."""
    means = rows.groupby("language", sort=False)["accuracy"].mean()
    lines = [f"{language} {_percent(mean)}" for language, mean in means.items()]
    shown = zip(means.index, lines, strict=True)
    return "\n".join(line if language in mean_of else f"({line})" for language, line in shown)


def _inference(summary: pd.DataFrame, method: str) -> Figures:
    """The first of the `transfer_means` with this method; nothing if it was not tested."""
    group = next(iter(transfer_means(set(summary["language"]))))
    rows = _where(summary, {"language": [group], "method": [method]})
    for row in rows.to_dict("records"):
        shares = {"nli": row["accuracy"], "nli_gain": row["difference"]}
        return {
            **{key: _percent(share) for key, share in shares.items()},
            "nli_p": float(f"{row['p']:.2g}"),
        }
    return {}


def _percent(share: float) -> float:
    """A share in per cent, to one decimal; never -0.0, which DVC would show as a change."""
    return round(100 * float(share), 1) + 0.0
