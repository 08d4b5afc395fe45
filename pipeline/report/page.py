"""The page of the report: one HTML file that contains its charts, scripts and data.

`figures` draws the charts from the report's tables, `chart_files` has their tables as files,
`browser` packs the words to browse, and `assets/page.html.j2` puts them together.
`stages/report.py` shows how to make the content:

    Path("index.html").write_text(page(content), "utf-8")
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..common.languages import language_name
from ..judge.finders import ALL_PAIRS, KINDS
from ..statistics.significance import level
from . import figures
from .browser import LIMIT, pack, pack_all
from .chart_files import chart_files
from .charts import Chart, colours
from .heldout import HeldOut, RetrievedWords
from .language_groups import language_groups, marked, transfer_means
from .nli import CEILING, seed_rows, summary_cells
from .paper_comparison import comparison_charts, comparison_tables, comparison_text
from .protocols import protocol_cells
from .retrieval_charts import layer_charts, query_charts
from .run_setting import RunSetting

ASSETS = Path(__file__).parent / "assets"
SCRIPT_FILES = ("pack.js", "charts.js", "files.js", "map.js", "browser.js")
NUMBER = re.compile(r"[-+−]?[\d,]*\.?\d+%?")


@dataclass(frozen=True)
class ReportContent:
    """The content of the page.

    `tests` is by language, `retrieved` by language and method, both in the order of params.
    """

    setting: RunSetting
    methods: Sequence[str]  # the first is what the others are compared with
    pairs: str  # those of the headlines, of `judge.finders.KINDS`
    right: str  # how many test pairs are right, in words
    headlines: Mapping[str, pd.DataFrame]  # of `headline.group_means`
    protocols: Mapping[str, Mapping[str, pd.DataFrame]]  # the same by kind of pairs
    analyses: pd.DataFrame  # of `retrieval.read_analyses`
    tables: Mapping[str, pd.DataFrame]  # those of the report, by the names of their CSV files
    tests: Mapping[str, HeldOut]
    retrieved: Mapping[str, Mapping[str, RetrievedWords]]
    corpora: pd.DataFrame  # both of `sources`
    provenance: pd.DataFrame
    unaligned: Collection[str] = ()  # languages

    @cached_property
    def keys(self) -> dict[str, str]:
        """The colours of all series."""
        return colours([*self.methods, *self.tables["nli_summary"]["method"], "word_align"])

    @cached_property
    def charts(self) -> dict[str, Chart | list[Chart]]:
        """The charts that have data, by name in the template."""
        return _charts(self)

    @cached_property
    def chart_files(self) -> dict[str, str]:
        """The texts of the charts' tables as files, by name."""
        return chart_files(_flat(self.charts))


def page(run: ReportContent) -> str:
    """The HTML of the page; the same content gives the same text."""
    tables, charts = run.tables, run.charts
    files = pack(run.chart_files)
    groups = language_groups(run.tests, run.unaligned)
    environment = Environment(
        loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"cells": cells, "level": level, "json": _json, "signed": signed}
    return environment.get_template("page.html.j2").render(
        run=run,
        keys=run.keys,
        charts={name: chart for name, chart in charts.items() if isinstance(chart, Chart)},
        groups={name: group for name, group in charts.items() if not isinstance(group, Chart)},
        specs={chart.name: chart.spec for chart in _flat(charts)},
        languages={code: marked(language_name(code), code, run.unaligned) for code in run.tests},
        groups_of=groups,
        group_choices=[(group, group) for group in groups],
        inference=_summary(tables["nli_summary"]),
        inference_table=summary_cells(tables["nli_summary"], run.unaligned),
        mcnemar=_marked(tables["nli_mcnemar"], run.unaligned),
        cleaning=_marked(tables["cleaning"][["language", "fate", "pairs"]], run.unaligned),
        compared=[(method, method) for method in run.methods[1:]],
        data=run.setting.data.label,
        pairs=KINDS[run.pairs],
        protocols=protocol_cells(run.protocols),
        precision=tables["precision"],
        paper=comparison_text(run.setting, ceiling=CEILING in run.keys),
        paper_tables=comparison_tables(run.setting, _all_pairs(tables), tables["nli_summary"]),
        ceiling=CEILING,
        title=title(next(iter(run.headlines.values())), run.setting.encoder),
        files=files,
        packs=pack_all(run.tests, run.retrieved, LIMIT - len(files)),
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


def _charts(run: ReportContent) -> dict[str, Chart | list[Chart]]:
    tables, keys = run.tables, run.keys
    methods = {name: keys[name] for name in run.methods}
    summary, every_pair = tables["nli_summary"], _all_pairs(tables)
    aligners = {name: keys[name] for name in ("word_align", *run.methods)}
    charts: dict[str, Chart | list[Chart] | None] = {
        **query_charts(tables, run.pairs, methods),
        "paper": comparison_charts(run.setting, every_pair, summary, keys),
        "analyses": figures.analysis_charts(run.analyses, methods, run.unaligned),
        "layers": layer_charts(tables, methods),
        "hubness": figures.hubness_charts(tables["hubness"], methods),
        "context": figures.context_charts(tables["noncontextual"], methods, run.unaligned),
        "inference": figures.inference_chart(
            summary, seed_rows(tables["nli"], run.unaligned), keys, run.unaligned
        ),
        "gold": figures.error_rate_chart(tables["gold"], aligners, run.unaligned),
        "training": figures.training_charts(tables["training"], methods),
    }
    return {name: chart for name, chart in charts.items() if chart}


def _all_pairs(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    protocols = tables["protocols"]
    return protocols[protocols["pairs"] == ALL_PAIRS]


def _flat(charts: Mapping[str, Chart | list[Chart]]) -> list[Chart]:
    flat: list[Chart] = []
    for group in charts.values():
        flat += [group] if isinstance(group, Chart) else group
    return flat


def _summary(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The inference of each transfer mean: what it is of, the first method, and the others."""
    summaries = []
    for name, words in transfer_means(set(rows["language"])).items():
        first, *others = rows[rows["language"] == name].to_dict("records")
        compared = [row for row in others if not pd.isna(row["p"])]  # not the ceiling
        summaries.append({"of": words, "first": first, "others": compared})
    return summaries


def _marked(rows: pd.DataFrame, unaligned: Collection[str]) -> pd.DataFrame:
    return rows.assign(language=[marked(code, code, unaligned) for code in rows["language"]])


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
