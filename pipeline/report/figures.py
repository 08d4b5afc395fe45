"""The charts of the page, drawn from the tables of the report."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from . import paper_numbers as paper
from .charts import ALL, Chart, bars, dumbbells, lines, thinned
from .nli import CEILING, ENGLISH_CODE
from .retrieval import analysis_means

PERCENT = "accuracy, %"
SHARES = ("accuracy", "low", "high", "deviation", "aer", "precision", "recall", "never", "dev")
PAPER_SOURCE = "the paper"
TITLES = {
    "class": "Word class of the English word",
    "part of speech": "Part of speech of the English word",
    "frequency": "Frequency of the word in the training text",
    "frequency ratio": "Frequency of the source word over the English word's",
    "contexts": "Training pairs of the word (contexts)",
    "translations": "Distinct translations of the word in training (diversity)",
    "seen": "Which words of the pair training had",
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
    """The shares among the columns in per cent, to two decimals."""
    shares = [name for name in SHARES if name in rows]
    return rows.assign(**{name: (100 * rows[name].astype(float)).round(2) for name in shares})


def retrieval_chart(rows: pd.DataFrame, keys: Mapping[str, str]) -> Chart:
    """Accuracy by query and method, from `retrieval.retrieval_rows`."""
    shown = percent(rows)[["query", "method", "accuracy", "low", "high", "words", "sentences"]]
    return Chart(
        "retrieval",
        "Word retrieval by language and direction",
        "Share of test words whose translation in the same sentence is the nearest word by CSLS. "
        "Thin lines are 95 % intervals over sentences.",
        bars(shown, "query", "method", keys, PERCENT),
        shown,
        keys,
    )


def analysis_charts(rows: pd.DataFrame, keys: Mapping[str, str]) -> list[Chart]:
    """One chart per analysis, by language and over all, from `retrieval.read_analyses`."""
    languages = [str(language) for language in rows["language"].unique()]
    choices: list[str] = [ALL, *languages]
    charts = []
    for name, means in analysis_means(rows).items():
        by_language = rows[(rows["analysis"] == name) & (rows["direction"] == "mean")]
        by_language = by_language.sort_values("position", kind="stable")
        bin_order = {bin_name: number for number, bin_name in enumerate(means["bin"].unique())}
        both = pd.concat([means.assign(language=ALL), by_language], ignore_index=True)
        shown = percent(both)[["language", "bin", "method", "accuracy", "low", "high", "words"]]
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


def layer_chart(rows: pd.DataFrame, keys: Mapping[str, str]) -> Chart:
    """Accuracy by layer, from `retrieval.read_layers`."""
    long = percent(rows.melt("layer", var_name="method", value_name="accuracy"))
    return Chart(
        "layers",
        "Layer of the encoder",
        "Layer 0 is the embeddings. Mean of all languages and both directions.",
        lines(long, "layer", "accuracy", keys, ("layer", PERCENT)),
        long,
        keys,
    )


def hubness_charts(rows: pd.DataFrame, keys: Mapping[str, str]) -> list[Chart]:
    """Both measures of hubness, from `retrieval.read_hubness` with its `query`."""
    shown = percent(rows)[["query", "method", "skewness", "never"]]
    shown = shown.assign(skewness=shown["skewness"].round(2))
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


def context_chart(rows: pd.DataFrame, keys: Mapping[str, str]) -> Chart | None:
    """With and without context, from `retrieval.read_noncontextual`; None if it has no rows.

    Accuracies are means over languages and directions.
    """
    if rows.empty:
        return None
    kinds = [kind for kind in CONTEXT_LABELS if kind in set(rows["vectors"])]
    groups = rows.groupby(["vectors", "method"], sort=False)
    means = groups.agg(accuracy=("accuracy", "mean")).loc[kinds].reset_index()
    means = percent(means.assign(vectors=means["vectors"].map(CONTEXT_LABELS)))
    return Chart(
        "context",
        "With and without context",
        "One mean vector per word type against one vector per word, on the same test pairs. In "
        "context, a hit is any word of the right type, or only the aligned word.",
        bars(means, "vectors", "method", keys, PERCENT),
        means,
        keys,
    )


def inference_chart(summary: pd.DataFrame, keys: Mapping[str, str]) -> Chart:
    """Accuracy by language and method, from `nli.summary_rows`."""
    spread = summary["deviation"].astype(float)
    shown = summary.assign(low=summary["accuracy"] - spread, high=summary["accuracy"] + spread)
    shown = percent(shown)[["language", "method", "accuracy", "low", "high", "runs"]]
    present = {name: colour for name, colour in keys.items() if name in set(shown["method"])}
    several = " Thin lines are ± one standard deviation over seeds." if spread.notna().any() else ""
    return Chart(
        "inference",
        "Inference accuracy by language",
        "Fine-tuned on English, tested in every language." + several,
        bars(shown, "language", "method", present, PERCENT),
        shown.dropna(axis="columns", how="all"),
        present,
    )


def error_rate_chart(rows: pd.DataFrame, keys: Mapping[str, str]) -> Chart | None:
    """Alignment error rates, from `tables.read_error_rates`."""
    if rows.empty:
        return None
    same = rows["gold"] == rows["language"]
    names = rows["language"].where(same, rows["language"] + " " + rows["gold"])
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
        shown = thinned(percent(rows)[["method", "step", name]].dropna())
        present = {method: keys[method] for method in keys if method in set(shown["method"])}
        titles = "step", axis
        if present:
            spec = lines(shown, "step", name, present, titles, points=name == "dev")
            charts.append(Chart(f"training-{name}", title, note, spec, shown, present))
    return charts


def paper_chart(
    name: str,
    title: str,
    ours: Mapping[str, Mapping[str, float]],
    theirs: Mapping[int, Mapping[str, float]],
    keys: Mapping[str, str],
) -> Chart | None:
    """This run beside the paper, before and after alignment, in the languages that both have.

    Accuracies are in per cent: `ours` by method and language, `theirs` by number of sentence pairs
    and language. None if there is nothing to compare.
    """
    first, *others = ours
    before, after = theirs[paper.BASE], theirs[paper.FULL_SIZE]
    rows = []
    for language in [code for code in ours[first] if code in before]:
        rows.append((language, PAPER_SOURCE, before[language], after[language]))
        for method in others:
            figures = round(ours[first][language], 1), round(ours[method][language], 1)
            rows.append((language, f"this run, {method}", *figures))
    if not others or not rows:
        return None
    columns = ["language", "source", "before", "after"]
    shown = pd.DataFrame(rows, columns=columns)
    source_keys = {PAPER_SOURCE: "currentColor"}
    source_keys |= {f"this run, {method}": keys[method] for method in others}
    spec = dumbbells(shown, source_keys, PERCENT)
    note = "Open points before alignment, filled ones after."
    return Chart(name, title, note, spec, shown, source_keys)


def means_by_language(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By method and language: accuracy in per cent, mean of both directions."""
    return {
        str(method): {
            str(language): 100 * float(both_directions["accuracy"].mean())
            for language, both_directions in of_method.groupby("language", sort=False)
        }
        for method, of_method in rows.groupby("method", sort=False)
    }


def inference_means(summary: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By method and language, English first: accuracy in per cent, mean over seeds."""
    rows = summary[(summary["method"] != CEILING) & ~summary["language"].str.startswith("mean")]
    return means_by_language(rows)


def transfer(summary: pd.DataFrame) -> tuple[str, str]:
    """The `language` under which `nli.summary_rows` has transfer as a whole, and its meaning."""
    abroad = f"mean without {ENGLISH_CODE}"
    if abroad in set(summary["language"]):
        return abroad, "mean of the languages other than English"
    return "mean", "mean of all tested languages"
