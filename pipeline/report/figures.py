"""The charts of the page, drawn from the tables of the report."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from .charts import DIFFERENCE, PERCENT, Chart, bars, lines, thinned
from .language_groups import language_groups, marked
from .retrieval import analysis_means

# Columns that are shares; the charts show them in per cent.
SHARES = ["accuracy", "low", "high", "accuracy_of_seed", *DIFFERENCE[:-1]]
SHARES += ["aer", "precision", "recall", "never", "dev"]
TITLES = {
    "class": "Word class of the English word",
    "part of speech": "Part of speech of the English word",
    "frequency": "Frequency of the word in the training text",
    "frequency ratio": "Frequency of the source word over the English word's",
    "contexts": "Training pairs of the word (contexts)",
    "translations": "Distinct translations of the word in training (diversity)",
    "seen": "Which words of the pair training had",
    "found by": "Which statistical aligners have the pair",
    "script": "Scripts of the two words",
    "length": "Tokens of the word's sentence",
    "subwords": "Subwords that the two words share",
}
CONTEXT_LABELS = {
    "types": "one vector per type",
    "contextual types": "in context, right type",
    "contextual": "in context, right word",
}


def percent(rows: pd.DataFrame) -> pd.DataFrame:
    """The shares among the columns in per cent."""
    shares = [name for name in SHARES if name in rows]
    return rows.assign(**{name: 100 * rows[name].astype(float) for name in shares})


def retrieval_chart(
    rows: pd.DataFrame, keys: Mapping[str, str], name: str, title: str, note: str
) -> Chart:
    """Accuracy by query and method, from `retrieval.retrieval_rows` or `read_other_queries`."""
    columns = ["query", "method", "accuracy", "low", "high", "words", "sentences", *DIFFERENCE]
    shown = percent(rows)[columns]
    note += " Thin lines are 95 % intervals over sentences."
    return Chart(name, title, note, bars(shown, "query", "method", keys, PERCENT), shown, keys)


def analysis_charts(
    rows: pd.DataFrame, keys: Mapping[str, str], unaligned: Collection[str] = ()
) -> list[Chart]:
    """One chart per analysis, by group of languages and language, from `retrieval.read_analyses`.

    `unaligned` languages are a group of their own.
    """
    languages = [str(language) for language in rows["language"].unique()]
    groups = language_groups(languages, unaligned)
    choices: list[str] = [*groups, *languages]
    charts = []
    for name, everywhere in analysis_means(rows).items():
        by_language = rows[(rows["analysis"] == name) & (rows["direction"] == "mean")]
        by_language = by_language.sort_values("position", kind="stable")
        bin_order = {bin_name: number for number, bin_name in enumerate(everywhere["bin"].unique())}
        means = [
            analysis_means(by_language[by_language["language"].isin(codes)])[name].assign(
                language=group
            )
            for group, codes in groups.items()
        ]
        both = pd.concat([*means, by_language], ignore_index=True)
        columns = ["language", "bin", "method", "accuracy", "low", "high", "words", *DIFFERENCE]
        shown = percent(both)[columns]
        rank = shown["language"].map(choices.index), shown["bin"].map(bin_order)
        shown = shown.iloc[np.lexsort(rank[::-1])]
        charts.append(
            Chart(
                f"analysis-{name.replace(' ', '-')}",
                TITLES.get(name, name),
                "Mean of both directions.",
                bars(shown, "bin", "method", keys, PERCENT, choices=choices),
                shown,
                keys,
                choices,
            )
        )
    return charts


def hubness_charts(rows: pd.DataFrame, keys: Mapping[str, str]) -> list[Chart]:
    """Both measures of hubness, from `retrieval.read_hubness` with its `query`."""
    shown = percent(rows)
    notes = {
        "never": ("Hubness: words never among the nearest", "words never near, %"),
        "skewness": ("Hubness: skewness", "skewness of how often a word is near"),
    }
    return [
        Chart(
            f"hubness-{name}",
            title,
            "Lower is better: all words are retrieved about equally often.",
            bars(shown, "query", "method", keys, axis, x=name),
            shown[["query", "method", name]],
            keys,
        )
        for name, (title, axis) in notes.items()
    ]


def context_charts(
    rows: pd.DataFrame, keys: Mapping[str, str], unaligned: Collection[str] = ()
) -> list[Chart]:
    """With and without context, from `retrieval.read_noncontextual`, by group of languages.

    Accuracies are means over languages and directions. A group without rows has no chart.
    """
    charts = []
    groups = language_groups(rows["language"].unique(), unaligned)
    for number, (group, codes) in enumerate(groups.items()):
        of_group = rows[rows["language"].isin(codes)]
        kinds = [kind for kind in CONTEXT_LABELS if kind in set(of_group["vectors"])]
        means = of_group.groupby(["vectors", "method"], sort=False).agg(
            accuracy=("accuracy", "mean")
        )
        means = means.loc[kinds].reset_index()
        means = percent(means.assign(vectors=means["vectors"].map(CONTEXT_LABELS)))
        chart = Chart(
            f"context-{number}" if number else "context",
            "With and without context",
            "One mean vector per word type against one vector per word, on the same test pairs. In "
            "context, a hit is any word of the right type, or only the aligned word. Mean of "
            f"{group}.",
            bars(means, "vectors", "method", keys, PERCENT),
            means,
            keys,
        )
        charts += [chart] if kinds else []
    return charts


def inference_chart(
    summary: pd.DataFrame,
    by_seed: pd.DataFrame,
    keys: Mapping[str, str],
    unaligned: Collection[str] = (),
) -> Chart:
    """Accuracy by language and method, from `nli.summary_rows` and `nli.seed_rows`."""
    spread = summary["deviation"].astype(float)
    bounds = {"low": summary["accuracy"] - spread, "high": summary["accuracy"] + spread}
    shown, seeds = (
        percent(rows.assign(language=[marked(code, code, unaligned) for code in rows["language"]]))
        for rows in (summary.assign(**bounds), by_seed)
    )
    shown = shown[["language", "method", "accuracy", "low", "high", "runs", *DIFFERENCE]]
    present = {name: colour for name, colour in keys.items() if name in set(shown["method"])}
    several = " Thin lines are ± one standard deviation over seeds." if spread.notna().any() else ""
    return Chart(
        "inference",
        "Inference accuracy by language",
        "Fine-tuned on English, tested in every language." + several,
        bars(shown, "language", "method", present, PERCENT),
        shown.dropna(axis="columns", how="all"),
        present,
        by_seed=seeds,
    )


def error_rate_chart(
    rows: pd.DataFrame, keys: Mapping[str, str], unaligned: Collection[str] = ()
) -> Chart | None:
    """Alignment error rates, from `tables.read_error_rates`."""
    if rows.empty:
        return None
    same = rows["gold"] == rows["language"]
    languages = rows["language"].map(lambda code: marked(code, code, unaligned))
    names = languages.where(same, languages + " " + rows["gold"])
    shown = percent(rows).assign(**{"gold set": names})
    columns = ["gold set", "aligner", "aer", "precision", "recall", "sentences"]
    return Chart(
        "gold",
        "Alignment error rate on gold sets",
        "Lower is better. word_align is the aligner that links the training words; the others link "
        "words that are mutual nearest neighbours in the encoder.",
        bars(shown, "gold set", "aligner", keys, "alignment error rate, %", x="aer"),
        shown[columns],
        keys,
    )


def training_charts(rows: pd.DataFrame, keys: Mapping[str, str]) -> list[Chart]:
    """The training curves, from `tables.read_training`; empty if no method was trained.

    In a long run, each point is the mean of several consecutive steps.
    """
    names = {
        "loss": ("Loss", "The training objective, by step.", "loss"),
        "regularizer": ("Regulariser", "How far English has moved, by step.", "regulariser"),
        "dev": ("Retrieval on dev sentences", "Measured at intervals during training.", PERCENT),
    }
    charts = []
    for name, (title, note, axis) in names.items():
        shown = thinned(percent(rows)[["method", "step", name]].dropna().infer_objects())
        present = {method: keys[method] for method in keys if method in set(shown["method"])}
        titles = "step", axis
        if present:
            spec = lines(shown, "step", name, present, titles, points=name == "dev")
            charts.append(Chart(f"training-{name}", title, note, spec, shown, present))
    return charts
