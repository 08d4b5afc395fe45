"""Accuracy by number of sentence pairs used for alignment, of many experiments and the paper.

Experiments are read from what `dvc exp show --json` prints, and their results from the artifacts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from ..align.objectives import UNALIGNED
from ..statistics.significance import spread
from . import paper_numbers as paper
from .comparable_runs import inference_on_xnli, retrieval_on_paper_text
from .language_groups import marked, not_aligned

CURVE_COLUMNS = ["measure", "language", "series", "sentences", "accuracy", "deviation", "runs"]
RETRIEVAL, INFERENCE = "retrieval", "inference"
PAPER_SERIES = "the paper (mBERT)"
MEAN = "mean"
# Blocks of params that affect a result, apart from those of the method and the corpora.
SHARED_BLOCKS = ("encoder", "download", "tokenize", "word_align", "pairs", "retrieval", "nli")
Flat = dict[str, Any]
Json = dict[str, Any]
# The JSON file of a revision with that path; None if it has none.
Read = Callable[[str, str], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Point:
    """One method of one experiment.

    `settings` are those of the method, `context` those that all methods of the experiment share.
    `accuracies` are by measure and language, one per seed.
    """

    objective: str
    sentences: int
    settings: Flat
    context: Flat
    accuracies: Mapping[tuple[str, str], Sequence[float]]


def read_curve(shown: Sequence[Mapping[str, Any]], folder: str, read: Read) -> pd.DataFrame:
    """One row per measure, language, series and number of sentence pairs, with the CURVE_COLUMNS.

    Accuracies are shares; that of retrieval is the mean over both directions. `sentences` is 0 for
    the unmodified encoder, the start of every series. A series has one objective and is named by
    the params in which it differs from others of that objective; `deviation` is over seeds. Only
    experiments count, not commits: the params of a commit may never have been run. Of two
    experiments with the same params, the one shown first (the newest) counts. `folder` holds the
    folders of the steps retrieval and xnli, whose files `read` gives by revision.
    """
    points: list[Point] = []
    for revision, params in _runs(shown):
        points += _points(params, folder, partial(read, revision))
    rows = []
    for point, series in _series(points):
        for (measure, language), accuracies in point.accuracies.items():
            seeds = spread(accuracies)
            figures = point.sentences, seeds.mean, seeds.deviation, seeds.runs
            rows.append((measure, language, series, *figures))
    return pd.DataFrame(rows, columns=CURVE_COLUMNS).drop_duplicates(
        CURVE_COLUMNS[:4], ignore_index=True
    )


def read_paper(shown: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The paper's points in the same columns, each of one run.

    They are of the measures and languages for which all experiments have the paper's data.
    """
    runs = [params for _, params in _runs(shown)]
    given = (
        (RETRIEVAL, paper.RETRIEVAL, retrieval_on_paper_text(runs)),
        (INFERENCE, paper.ZERO_SHOT, inference_on_xnli(runs)),
    )
    rows = []
    for measure, table, languages in given:
        for sentences, percentages in table.items():
            for language in sorted(languages.intersection(percentages)):
                share = percentages[language] / 100
                rows.append((measure, language, PAPER_SERIES, sentences, share, None, 1))
    return pd.DataFrame(rows, columns=CURVE_COLUMNS)


def with_paper(ours: pd.DataFrame, paper_rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, the paper's rows for the same measures and languages, and means.

    Means are over the languages, except English and those not aligned, that all series of a measure
    have; a measure without such languages has no mean. Rows are sorted by measure, language and
    series; means come before languages, and our series before the paper's.
    """
    theirs = paper_rows.merge(ours[["measure", "language"]].drop_duplicates())
    rows = pd.concat([ours, theirs], ignore_index=True)
    means = []
    apart = rows["language"].str.endswith(not_aligned("")) | (rows["language"] == "en")
    for _, measured in rows[~apart].groupby("measure", sort=False):
        counts = measured["language"].value_counts()
        common = sorted(counts[counts == measured.groupby(["series", "sentences"]).ngroups].index)
        if common:
            shared = measured[measured["language"].isin(common)]
            keys = ["measure", "series", "sentences"]
            mean = shared.groupby(keys, sort=False).agg({"accuracy": "mean", "runs": "first"})
            means.append(mean.reset_index().assign(language=f"{MEAN} of {', '.join(common)}"))
    every = pd.concat([rows, *means])[CURVE_COLUMNS]
    order = {
        "measure": every["measure"].map([RETRIEVAL, INFERENCE].index),
        "mean": ~every["language"].str.startswith(MEAN),
        "paper": every["series"] == PAPER_SERIES,
    }
    keys = ["measure_", "mean_", "language", "paper_", "series", "sentences"]
    ranked = every.assign(**{f"{name}_": values for name, values in order.items()})
    return ranked.sort_values(keys, kind="stable")[CURVE_COLUMNS].reset_index(drop=True)


def curve_table(rows: pd.DataFrame) -> str:
    """Markdown in per cent: rows by measure, language and series, columns by number of pairs."""
    shown = rows.assign(cell=[_cell(row) for row in rows.to_dict("records")])
    keys = ["measure", "language", "series"]
    table = shown.pivot(index=keys, columns="sentences", values="cell").fillna("")
    order = pd.MultiIndex.from_frame(shown[keys].drop_duplicates())
    table = table.reindex(order).rename(columns=lambda count: f"{count:,}")
    return str(table.reset_index().to_markdown(index=False, disable_numparse=True))


def curve_chart(rows: pd.DataFrame) -> dict[str, Any]:
    """A Vega-Lite chart: one panel per measure and language, one line per series, dashed for the
    paper."""
    panels = rows["measure"] + ": " + rows["language"]
    values = rows[["series", "sentences"]].assign(panel=panels, accuracy=100 * rows["accuracy"])
    counts = sorted(set(rows["sentences"].tolist()))
    x: Json = {"field": "sentences", "type": "quantitative", "title": "sentence pairs per language"}
    x["scale"] = {"type": "symlog", "constant": max(1, counts[1] if len(counts) > 1 else 1)}
    x["axis"] = {"values": counts, "labelOverlap": "greedy", "format": "~s"}
    y: Json = {"field": "accuracy", "type": "quantitative", "title": "accuracy, %"}
    y["scale"] = {"zero": False}
    theirs = {"test": f"datum.series == '{PAPER_SERIES}'", "value": [5, 4]}
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


def _runs(shown: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Revision and params of the experiments that succeeded."""
    for commit in shown:
        for experiment in commit["experiments"] or []:
            executor = experiment["executor"]
            if executor is not None and executor["state"] != "success":
                continue
            for revision in experiment["revs"]:
                if revision["data"]:
                    yield revision["rev"], revision["data"]["params"]["params.yaml"]["data"]


def _points(
    params: Mapping[str, Any], folder: str, read: Callable[[str], Mapping[str, Any] | None]
) -> Iterator[Point]:
    context = {name: params[name] for name in SHARED_BLOCKS} | {
        "xnli.tuning": params["xnli"]["tuning"]
    }
    languages = params["languages"]
    context["corpus"] = {code: language["corpus"] for code, language in languages.items()}
    apart = [code for code, language in languages.items() if language.get("align") is False]
    context["not aligned"] = apart
    for method in params["methods"]:
        block = {**params["align"]["defaults"], **params["align"][method]}
        objective, sentences = block.pop("objective"), block.pop("sentences")
        accuracies: dict[tuple[str, str], list[float]] = {}
        for language in languages:
            figures = read(f"{folder}/retrieval/{method}/{language}/summary.json")
            if figures:
                accuracies[RETRIEVAL, marked(language, language, apart)] = [figures["mean"]]
        for seed in params["xnli"]["seeds"]:
            figures = read(f"{folder}/xnli/{method}/{seed}.json") or {"test": {}}
            for language, accuracy in figures["test"].items():
                name = marked(language, language, apart)
                accuracies.setdefault((INFERENCE, name), []).append(accuracy)
        if objective == UNALIGNED:
            sentences, block = 0, {}
        yield Point(objective, sentences, block, _flat(context), accuracies)


def _series(points: Sequence[Point]) -> Iterator[tuple[Point, str]]:
    """Each point with its series; an unaligned point with each series of its context."""
    aligned = [point for point in points if point.objective != UNALIGNED]
    around = _varying([point.context for point in points])
    names = []
    for point in aligned:
        alike = [other.settings for other in aligned if other.objective == point.objective]
        settings = point.settings | point.context
        keys = [key for key in (*_varying(alike), *around) if key in settings]
        names.append(", ".join([point.objective, *(f"{key} {settings[key]}" for key in keys)]))
    yield from zip(aligned, names, strict=True)
    for point in points:
        if point.objective == UNALIGNED:
            same_context = [
                name
                for other, name in zip(aligned, names, strict=True)
                if other.context == point.context
            ]
            for name in dict.fromkeys(same_context):  # each series once, in order
                yield point, name


def _varying(blocks: Sequence[Flat]) -> list[str]:
    """The keys whose value is not the same in all blocks."""
    keys = dict.fromkeys(key for block in blocks for key in block)
    return [key for key in keys if len({str(block.get(key)) for block in blocks}) > 1]


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
