"""The page of the report: one HTML file that contains its charts, scripts and data.

`figures` draws the charts from the report's tables, `browser` packs the words to browse, and
`assets/page.html.j2` puts them together. `stages/report.py` shows how to make the content:

    Path("index.html").write_text(page(content), "utf-8")
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..common.languages import language_name
from ..statistics.significance import level
from . import figures
from . import paper_numbers as paper
from .browser import pack_all
from .charts import Chart, colours
from .heldout import HeldOut, RetrievedWords
from .nli import CEILING, DATA, summary_cells

ASSETS = Path(__file__).parent / "assets"
SCRIPT_FILES = ("pack.js", "charts.js", "map.js", "browser.js")
NUMBER = re.compile(r"[-+−]?[\d,]*\.?\d+%?")


@dataclass(frozen=True)
class ReportContent:
    """The content of the page.

    `tests` is by language, `retrieved` by language and method, both in the order of params.
    """

    encoder: str  # params encoder.name and nli.source
    nli: str
    methods: Sequence[str]  # the first is what the others are compared with
    headline: pd.DataFrame  # of `headline.mean_rows`
    analyses: pd.DataFrame  # of `retrieval.read_analyses`
    tables: Mapping[str, pd.DataFrame]  # those of the report, by the names of their CSV files
    tests: Mapping[str, HeldOut]
    retrieved: Mapping[str, Mapping[str, RetrievedWords]]
    corpora: pd.DataFrame  # both of `sources`
    provenance: pd.DataFrame


def page(run: ReportContent) -> str:
    """The HTML of the page; the same content gives the same text."""
    tables = run.tables
    names = [*run.methods, *tables["nli_summary"]["method"], "word_align"]
    keys = colours(names)
    charts = _charts(run, keys)
    environment = Environment(
        loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"cells": cells, "level": level, "json": _json, "signed": signed}
    return environment.get_template("page.html.j2").render(
        run=run,
        keys=keys,
        charts={name: chart for name, chart in charts.items() if isinstance(chart, Chart)},
        groups={name: group for name, group in charts.items() if not isinstance(group, Chart)},
        specs={chart.name: chart.spec for chart in _flat(charts)},
        languages={code: language_name(code) for code in run.tests},
        inference=_summary(tables["nli_summary"]),
        inference_table=summary_cells(tables["nli_summary"]),
        compared=[(method, method) for method in run.methods[1:]],
        data=DATA[run.nli],
        ceiling=CEILING,
        title=title(run.headline, run.encoder),
        packs=pack_all(run.tests, run.retrieved),
        style=Markup((ASSETS / "page.css").read_text("utf-8")),
        library=Markup(library()),
        script=Markup("\n".join((ASSETS / name).read_text("utf-8") for name in SCRIPT_FILES)),
    )  # fmt: skip


def title(headline: pd.DataFrame, encoder: str) -> str:
    """The page in one sentence: the effect of the first aligning method in `headline.mean_rows`."""
    first, *others = headline.to_dict("records")
    before = 100 * first["accuracy"]
    if not others:
        return f"{encoder} before alignment retrieves {before:.1f} % of words"
    other = others[0]
    after, low, high = (
        100 * other[name] for name in ("accuracy", "difference_low", "difference_high")
    )
    if low > 0 or high < 0:
        verb = "raises" if low > 0 else "lowers"
        return f"Alignment {verb} word retrieval from {before:.1f} to {after:.1f} %"
    return f"Alignment leaves word retrieval about the same: {before:.1f} and {after:.1f} %"


def cells(table: pd.DataFrame) -> dict[str, Any]:
    """A table as text: head, rows, and whether each column is numeric."""
    rows = [[_text(value) for value in row] for row in table.itertuples(index=False)]
    numeric = [
        all(NUMBER.fullmatch(cell) for cell in column if cell) for column in zip(*rows, strict=True)
    ] or [False] * len(table.columns)
    return {"head": [str(name) for name in table.columns], "rows": rows, "numeric": numeric}


def signed(share: float) -> str:
    """A difference in per cent with its sign; 0 has no sign."""
    value = round(100 * share, 1)
    return f"{value:+.1f}".replace("-", "−") if value else "0.0"


@cache
def library() -> str:
    """The script of Vega, Vega-Lite and Vega-Embed."""
    return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub is wrong


def _charts(run: ReportContent, keys: Mapping[str, str]) -> dict[str, Chart | list[Chart]]:
    """The charts that have data, by name in the template; `keys` are the colours of all series."""
    tables = run.tables
    methods = {name: keys[name] for name in run.methods}
    retrieval, summary = tables["retrieval"], tables["nli_summary"]
    aligners = {name: keys[name] for name in ("word_align", *run.methods)}
    charts: dict[str, Chart | list[Chart] | None] = {
        "retrieval": figures.retrieval_chart(retrieval, methods),
        "analyses": figures.analysis_charts(run.analyses, methods),
        "layers": figures.layer_chart(tables["layers"], methods),
        "hubness": figures.hubness_charts(tables["hubness"], methods),
        "context": figures.context_chart(tables["noncontextual"], methods),
        "inference": figures.inference_chart(summary, keys),
        "gold": figures.error_rate_chart(tables["gold"], aligners),
        "training": figures.training_charts(tables["training"], methods),
        "paper_retrieval": figures.paper_chart(
            "paper-retrieval", "Word retrieval: this run and the paper",
            figures.means_by_language(retrieval), paper.RETRIEVAL, keys,
        ),
        "paper_inference": figures.paper_chart(
            "paper-inference", "Zero-shot inference: this run and the paper",
            figures.inference_means(summary), paper.ZERO_SHOT, keys,
        ),
    }  # fmt: skip
    return {name: chart for name, chart in charts.items() if chart}


def _flat(charts: Mapping[str, Chart | list[Chart]]) -> list[Chart]:
    flat: list[Chart] = []
    for group in charts.values():
        flat += [group] if isinstance(group, Chart) else group
    return flat


def _summary(rows: pd.DataFrame) -> dict[str, Any]:
    whole, words = figures.transfer(rows)
    first, *others = rows[rows["language"] == whole].to_dict("records")
    compared = [row for row in others if not pd.isna(row["p"])]  # not the ceiling
    return {"of": words, "first": first, "others": compared}


def _text(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:,.2f}".removesuffix("0") if abs(value) < 1e6 else f"{value:.3g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _json(content: Any) -> Markup:
    # Only "</" could end the script element; escaping <, > and & everywhere is simpler and safe.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
