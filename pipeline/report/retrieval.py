"""Tables of retrieval and its analyses: data frames for CSV, and Markdown."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from ..judge.finders import RANDOM_SUBSET
from ..statistics.significance import level
from .language_groups import language_groups, marked, mean_name
from .tables import read_json

QUERY_LABELS = {"to_english": "{} → en", "from_english": "en → {}"}


def read_analyses(folder: Path, languages: Iterable[str]) -> pd.DataFrame:
    """Accuracies by group of words in all languages; the first column is `language`."""
    return read_by_language(folder, "accuracies", languages)


def read_hubness(
    folder: Path, languages: Iterable[str], unaligned: Collection[str] = ()
) -> pd.DataFrame:
    """Hubness in all languages, with one row per language, direction and method.

    Columns: these three, skewness and never (see `analyses.accuracy_by_group.hubness_measures`),
    query (like `de → en`, marked if the language is among `unaligned`), and bar, the label of the
    row in a plot.
    """
    rows = read_by_language(folder, "hubness", languages)
    query = _queries(rows, unaligned)
    return rows.assign(query=query, bar=query + " " + rows["method"])


def read_other_queries(
    folder: Path, name: str, languages: Iterable[str], unaligned: Collection[str] = ()
) -> pd.DataFrame:
    """Retrieval of gold words or of sentences, in one direction each, with query and bar.

    `name` is gold_retrieval or sentences, tables of the step analyses, whose folder is given.
    """
    rows = read_by_language(folder, name, languages)
    rows = rows[rows["direction"] != "mean"]
    query = _queries(rows, unaligned)
    return rows.assign(query=query, bar=query + " " + rows["method"])


def read_noncontextual(
    folder: Path,
    methods: Sequence[str],
    languages: Iterable[str],
    unaligned: Collection[str] = (),
) -> pd.DataFrame:
    """Accuracy with and without context, on the same pairs.

    One row per language, method, direction and kind of vectors. Columns: language, method,
    direction, pairs (their number), vectors (types, contextual types or contextual; see
    `retrieval.type_vectors.compare_with_types`), accuracy, bar. A language without such pairs has
    no row. `folder` is that of the step retrieval.
    """
    rows = []
    for language, method in product(languages, methods):
        figures = read_json(folder / method / language / "figures.json")["noncontextual"]
        for direction in QUERY_LABELS:
            for key, accuracy in figures.get(direction, {}).items():
                vectors = key.replace("_", " ")
                rows.append((language, method, direction, figures["pairs"], vectors, accuracy))
    columns = ["language", "method", "direction", "pairs", "vectors", "accuracy"]
    table = pd.DataFrame(rows, columns=columns)
    query = _queries(table, unaligned)
    return table.assign(bar=query + " " + table["method"] + " " + table["vectors"])


def noncontextual_table(rows: pd.DataFrame) -> str:
    """Markdown of `read_noncontextual` in per cent: means over directions and languages.

    The first column counts the pairs of all languages.
    """
    table = rows.pivot_table(index="method", columns="vectors", values="accuracy")
    table = 100 * table.reindex(index=rows["method"].unique(), columns=rows["vectors"].unique())
    pairs = rows.drop_duplicates(["language", "method"]).groupby("method")["pairs"].sum()
    table.insert(0, "pairs", pairs.map("{:,}".format))
    return str(table.to_markdown(floatfmt=".1f"))


def retrieval_rows(
    analyses: pd.DataFrame, unaligned: Collection[str] = (), *, of: tuple[str, str] = ("all", "all")
) -> pd.DataFrame:
    """The rows of `read_analyses` in one direction, with query and bar.

    `of` is an analysis and its bin, by default whole test sets. The query is marked if the language
    is among `unaligned`.
    """
    chosen = (analyses["analysis"] == of[0]) & (analyses["bin"] == of[1])
    rows = analyses[chosen & (analyses["direction"] != "mean")]
    query = _queries(rows, unaligned)
    return rows.assign(query=query, bar=query + " " + rows["method"])


def analysis_means(analyses: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """By analysis, one row per bin and method: bin, method, words, accuracy, bar.

    `accuracy` is the mean over both directions and over the languages that have words in the bin,
    which have equal weight; `words` is the sum.
    """
    apart = analyses["analysis"].isin(["all", RANDOM_SUBSET])
    rows = analyses[~apart & (analyses["direction"] == "mean")]
    means = {}
    for name, of_analysis in rows.groupby("analysis", sort=False):
        ordered = of_analysis.sort_values("position", kind="stable")
        groups = ordered.groupby(["bin", "method"], sort=False, as_index=False)
        table = groups.agg(words=("words", "sum"), accuracy=("accuracy", "mean"))
        means[str(name)] = table.assign(bar=table["bin"] + " " + table["method"])
    return means


def retrieval_table(rows: pd.DataFrame, unaligned: Collection[str] = ()) -> str:
    """Markdown of `retrieval_rows` in per cent: the methods, and their differences from the first.

    ± is followed by half the width of the 95 % interval. Differences have p-values. The last row
    holds means over all queries, without intervals; `unaligned` languages have a mean of their own.
    """
    first, *others = rows["method"].unique().tolist()
    cells = {str(query): _cells(group, first) for query, group in rows.groupby("query", sort=False)}
    for group, codes in language_groups(rows["language"].unique(), unaligned).items():
        of_group = rows[rows["language"].isin(codes)]
        means = 100 * of_group.groupby("method")["accuracy"].mean()
        line = {name: f"{means[name]:.1f}" for name in (first, *others)}
        line |= {f"{name} − {first}": f"{means[name] - means[first]:.1f}" for name in others}
        cells[mean_name(group)] = line
    columns = ["words", first, *others, *(f"{name} − {first}" for name in others)]
    table = pd.DataFrame.from_dict(cells, orient="index").reindex(columns=columns).fillna("")
    return str(table.to_markdown(stralign="right", disable_numparse=True))


def analyses_table(means: Mapping[str, pd.DataFrame]) -> str:
    """Markdown of `analysis_means` in per cent: a row per analysis and bin, a column per method."""
    tables = []
    for analysis, rows in means.items():
        table = rows.pivot(index="bin", columns="method", values="accuracy")
        table = 100 * table.reindex(index=rows["bin"].unique(), columns=rows["method"].unique())
        table.insert(0, "words", rows.groupby("bin")["words"].first().map("{:,}".format))
        tables.append(table.set_index(f"{analysis}: " + table.index))
    return str(pd.concat(tables).to_markdown(floatfmt=".1f"))


def hubness_table(rows: pd.DataFrame) -> str:
    """Markdown of `read_hubness`: by query and method."""
    table = rows.pivot(index="query", columns="method", values=["skewness", "never"])
    table["never"] *= 100
    table.columns = pd.Index([" ".join(pair) for pair in table.columns.tolist()])
    methods = rows["method"].unique()
    columns = [f"{figure} {method}" for figure, method in product(("skewness", "never"), methods)]
    table = table.reindex(index=rows["query"].unique(), columns=columns)
    return str(table.to_markdown(floatfmt=".1f"))


def read_by_language(folder: Path, name: str, languages: Iterable[str]) -> pd.DataFrame:
    """The rows of the CSV file of that name of each language; the first column is `language`."""
    frames = []
    for language in languages:
        # Only an empty cell is missing: a method may be called nan.
        frame: pd.DataFrame = pd.read_csv(
            folder / language / f"{name}.csv",
            dtype={"bin": str},
            keep_default_na=False,
            na_values=[""],
        )
        frames.append(frame.assign(language=language))
    rows = pd.concat(frames, ignore_index=True)
    return rows[["language", *rows.columns[:-1]]]


def _queries(rows: pd.DataFrame, unaligned: Collection[str]) -> pd.Series:
    return pd.Series(
        [
            marked(QUERY_LABELS[direction].format(language), language, unaligned)
            for direction, language in zip(rows["direction"], rows["language"], strict=True)
        ],
        rows.index,
        dtype=object,
    )


def _cells(rows: pd.DataFrame, first: str) -> dict[str, str]:
    cells = {"words": f"{rows['words'].iloc[0]:,}"}
    for row in rows.to_dict("records"):
        method = str(row["method"])
        cells[method] = share_text(row["accuracy"], row["low"], row["high"])
        if method != first:
            cells[f"{method} − {first}"] = gain_text(row)
    return cells


def share_text(value: float, low: float, high: float) -> str:
    """A share in per cent, with half the width of its interval if it has one."""
    half = "" if pd.isna(low) else f" ± {50 * (high - low):.1f}"
    return f"{100 * value:.1f}{half}"


def gain_text(row: Mapping[Any, Any]) -> str:
    """The difference in a row, with half its interval and its p-value if it has them."""
    gain = share_text(row["difference"], row["difference_low"], row["difference_high"])
    return gain if pd.isna(row["p"]) else f"{gain} ({level(row['p'])})"
