"""Accuracy against the sentence pairs that aligned the encoder, of many experiments and the paper.

Experiments are read from what `dvc exp show --json` prints.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..statistics.significance import spread
from . import paper_numbers as paper

COLUMNS = ["measure", "language", "series", "sentences", "accuracy", "deviation", "runs"]
RETRIEVAL, INFERENCE = "retrieval", "inference"
PAPER = "the paper (mBERT)"
MEAN = "mean"
UNALIGNED = "none"  # the objective of the encoder as it came
# Blocks that shape a result, beside those of the method and the corpora.
CONTEXT = ("encoder", "download", "tokenize", "word_align", "pairs", "retrieval", "nli")
Flat = dict[str, Any]
Json = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """One method of one experiment.

    `settings` are those of the method, `context` all that it shares with the experiment's others;
    `accuracies` are by measure and language, one a seed.
    """

    objective: str
    sentences: int
    settings: Flat
    context: Flat
    accuracies: Mapping[tuple[str, str], Sequence[float]]


def read_curve(shown: Sequence[Mapping[str, Any]], folder: str) -> pd.DataFrame:
    """One row a measure, language, series and number of sentence pairs, with the COLUMNS.

    Accuracies are shares, that of retrieval is the mean over both directions. `sentences` is 0 for
    the encoder as it came, which every series starts from. A series has one objective and is named
    by the params in which it differs from others of that objective; `deviation` is over seeds.
    Commits do not count, only experiments: a commit may have params that nobody has run. Of two
    experiments with the same params the one shown first counts, the newest. `folder` has the
    folders of the steps retrieval and xnli.
    """
    points = [
        point for params, metrics in _runs(shown) for point in _points(params, metrics, folder)
    ]
    rows = [
        (measure, language, series, point.sentences, over.mean, over.deviation, over.runs)
        for point, series in _series(points)
        for (measure, language), each in point.accuracies.items()
        for over in [spread(each)]
    ]
    return pd.DataFrame(rows, columns=COLUMNS).drop_duplicates(COLUMNS[:4], ignore_index=True)


def read_paper() -> pd.DataFrame:
    """The paper's points in the same columns; it has one run."""
    tables = {RETRIEVAL: paper.RETRIEVAL, INFERENCE: paper.ZERO_SHOT}
    return pd.DataFrame(
        [
            (measure, language, PAPER, sentences, accuracy / 100, None, 1)
            for measure, table in tables.items()
            for sentences, figures in table.items()
            for language, accuracy in figures.items()
        ],
        columns=COLUMNS,
    )


def beside_paper(ours: pd.DataFrame) -> pd.DataFrame:
    """The rows with the paper's, as far as it has their languages, and with means.

    Means are over the languages that all series of a measure have, English apart; a measure
    without any gets none. Sorted by measure, language and series, means and ours first.
    """
    theirs = read_paper().merge(ours[["measure", "language"]].drop_duplicates())
    rows = pd.concat([ours, theirs], ignore_index=True)
    means = []
    for _, each in rows[rows["language"] != "en"].groupby("measure", sort=False):
        counts = each["language"].value_counts()
        common = sorted(counts[counts == each.groupby(["series", "sentences"]).ngroups].index)
        if common:
            shared = each[each["language"].isin(common)]
            keys = ["measure", "series", "sentences"]
            mean = shared.groupby(keys, sort=False).agg({"accuracy": "mean", "runs": "first"})
            means.append(mean.reset_index().assign(language=f"{MEAN} of {', '.join(common)}"))
    every = pd.concat([rows, *means])[COLUMNS]
    order = {
        "measure": every["measure"].map([RETRIEVAL, INFERENCE].index),
        "mean": ~every["language"].str.startswith(MEAN),
        "paper": every["series"] == PAPER,
    }
    keys = ["measure_", "mean_", "language", "paper_", "series", "sentences"]
    ranked = every.assign(**{f"{name}_": values for name, values in order.items()})
    return ranked.sort_values(keys, kind="stable")[COLUMNS].reset_index(drop=True)


def curve_table(rows: pd.DataFrame) -> str:
    """Markdown in per cent: a row a measure, language and series, a column a number of pairs."""
    shown = rows.assign(cell=[_cell(row) for row in rows.to_dict("records")])
    keys = ["measure", "language", "series"]
    table = shown.pivot(index=keys, columns="sentences", values="cell").fillna("")
    order = pd.MultiIndex.from_frame(shown[keys].drop_duplicates())
    table = table.reindex(order).rename(columns=lambda count: f"{count:,}")
    return str(table.reset_index().to_markdown(index=False, disable_numparse=True))


def curve_chart(rows: pd.DataFrame) -> dict[str, Any]:
    """A Vega-Lite chart: a panel a measure and language, a line a series, the paper's dashed."""
    panels = rows["measure"] + ": " + rows["language"]
    values = rows[["series", "sentences"]].assign(panel=panels, accuracy=100 * rows["accuracy"])
    counts = sorted(set(rows["sentences"].tolist()))
    x: Json = {"field": "sentences", "type": "quantitative", "title": "sentence pairs a language"}
    x["scale"] = {"type": "symlog", "constant": max(1, counts[1] if len(counts) > 1 else 1)}
    x["axis"] = {"values": counts, "labelOverlap": "greedy", "format": "~s"}
    y: Json = {"field": "accuracy", "type": "quantitative", "title": "accuracy, %"}
    y["scale"] = {"zero": False}
    theirs = {"test": f"datum.series == '{PAPER}'", "value": [5, 4]}
    encoding = {
        "x": x,
        "y": y,
        "color": {"field": "series", "type": "nominal", "title": None},
        "strokeDash": {"condition": theirs, "value": [1, 0]},
    }
    mark = {"type": "line", "point": True}
    order = list(dict.fromkeys(panels))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values.to_dict("records")},
        "facet": {"field": "panel", "type": "nominal", "title": None, "sort": order},
        "columns": 3,
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
        "spec": {"width": 220, "height": 160, "mark": mark, "encoding": encoding},
        "config": {"legend": {"orient": "top", "labelLimit": 600}, "background": "white"},
    }


def _runs(shown: Sequence[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Params, and metrics by path, of the experiments that ended well."""
    for commit in shown:
        for experiment in commit["experiments"] or []:
            executor = experiment["executor"]
            if executor is None or executor["state"] == "success":
                for revision in experiment["revs"]:
                    data = revision["data"]
                    if data:
                        metrics = data["metrics"].items()
                        found = {path: each["data"] for path, each in metrics if "data" in each}
                        yield data["params"]["params.yaml"]["data"], found


def _points(params: Mapping[str, Any], metrics: Mapping[str, Any], folder: str) -> Iterator[Point]:
    context = {name: params[name] for name in CONTEXT} | {"xnli.tuning": params["xnli"]["tuning"]}
    context["corpus"] = {code: each["corpus"] for code, each in params["languages"].items()}
    for method in params["methods"]:
        block = {**params["align"]["defaults"], **params["align"][method]}
        objective, sentences = block.pop("objective"), block.pop("sentences")
        found: dict[tuple[str, str], list[float]] = {}
        for language in params["languages"]:
            figures = metrics.get(f"{folder}/retrieval/{method}/{language}.json")
            if figures:
                found[RETRIEVAL, language] = [figures["mean"]]
        for seed in params["xnli"]["seeds"]:
            figures = metrics.get(f"{folder}/xnli/{method}/{seed}.json", {"test": {}})
            for language, accuracy in figures["test"].items():
                found.setdefault((INFERENCE, language), []).append(accuracy)
        if objective == UNALIGNED:
            sentences, block = 0, {}
        yield Point(objective, sentences, block, _flat(context), found)


def _series(points: Sequence[Point]) -> Iterator[tuple[Point, str]]:
    """Each point with its series; the unaligned ones with all series of their context."""
    aligned = [point for point in points if point.objective != UNALIGNED]
    around = _varying([point.context for point in points])
    names = []
    for point in aligned:
        alike = [each.settings for each in aligned if each.objective == point.objective]
        settings = point.settings | point.context
        keys = [key for key in (*_varying(alike), *around) if key in settings]
        names.append(", ".join([point.objective, *(f"{key} {settings[key]}" for key in keys)]))
    yield from zip(aligned, names, strict=True)
    for point in points:
        if point.objective == UNALIGNED:
            same = (
                name
                for each, name in zip(aligned, names, strict=True)
                if each.context == point.context
            )
            yield from ((point, name) for name in dict.fromkeys(same))


def _varying(each: Sequence[Flat]) -> list[str]:
    """The keys that not all have with the same value."""
    keys = dict.fromkeys(key for flat in each for key in flat)
    return [key for key in keys if len({str(flat.get(key)) for flat in each}) > 1]


def _flat(block: Mapping[str, Any], before: str = "") -> Flat:
    flat: Flat = {}
    for key, value in block.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = value
    return flat


def _cell(row: Mapping[Any, Any]) -> str:
    deviation = "" if pd.isna(row["deviation"]) else f" ± {100 * row['deviation']:.1f}"
    return f"{100 * row['accuracy']:.1f}{deviation}"
