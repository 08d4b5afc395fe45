"""The tables of the charts as files to take away: CSV in full precision, and LaTeX to print."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..statistics.significance import level
from .charts import Chart
from .figures import SHARES

PERCENTS = {*SHARES, "before", "after"}  # columns in per cent
BOUNDS = {"accuracy": ("low", "high"), "difference": ("difference_low", "difference_high")}
FULL_PAGE = 40  # rows; a longer table takes several pages
LATEX = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {character: f"${character}$" for character in "<>|"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"→": r"$\rightarrow$", "−": "$-$", "±": r"$\pm$", "–": "--", "’": "'", "[": "{[}"}
)
DIFFERENCES = "% Differences are from the first method, ± half their 95 % interval.\n"
OTHER_LETTERS = "% Letters outside Latin-1 need LuaLaTeX and fontspec, with a font that has them.\n"


def chart_files(charts: Iterable[Chart]) -> dict[str, str]:
    """The texts of NAME.csv and NAME.tex of each chart, by the names of the files."""
    files = {}
    for chart in charts:
        files[f"{chart.name}.csv"] = csv_text(chart)
        files[f"{chart.name}.tex"] = latex_text(chart)
    return files


def csv_text(chart: Chart) -> str:
    """The table in full precision; if its figures are means over seeds, one row per seed."""
    table, seeds = chart.table, chart.by_seed
    if seeds is not None:
        table = table.merge(seeds, how="left", on=list(table.columns[:2]))
        table = table[list(dict.fromkeys([*seeds, *table]))]
    return str(table.to_csv(index=False, lineterminator="\n"))


def latex_text(chart: Chart) -> str:
    """The table with the rules of booktabs: per cent with one decimal, ± half the interval.

    If its figures are means over several seeds, each seed has a column.
    """
    table = _with_seeds(chart).dropna(axis="columns", how="all")
    is_long = len(table) > FULL_PAGE
    styler = _printed(table).style.hide(axis="index")
    text = styler.to_latex(
        hrules=True,
        column_format="".join(_side(table[name]) for name in _shown(table)),
        caption=_escaped(chart.title),
        label=f"tab:{chart.name}",
        environment="longtable" if is_long else None,
        position_float=None if is_long else "centering",
    )
    packages = "booktabs,longtable" if is_long else "booktabs"
    comments = f"% \\usepackage{{{packages}}}\n% {chart.note}\n"
    comments += DIFFERENCES if "difference" in table else ""
    comments += OTHER_LETTERS if max(text) > "ÿ" else ""
    return comments + str(text)


def _with_seeds(chart: Chart) -> pd.DataFrame:
    table, seeds = chart.table, chart.by_seed
    if seeds is None or seeds["seed"].nunique() == 1:
        return table
    keys = list(table.columns[:2])
    by_seed = seeds.pivot(index=keys, columns="seed", values="accuracy_of_seed")
    return table.join(by_seed.rename(columns="seed {}".format), on=keys)


def _shown(table: pd.DataFrame) -> list[str]:
    """The columns to print; bounds are printed with their figures."""
    bounds = {name for both in BOUNDS.values() for name in both}
    return [str(name) for name in table if name not in bounds]


def _side(column: pd.Series) -> str:
    return "r" if pd.api.types.is_numeric_dtype(column) else "l"


def _printed(table: pd.DataFrame) -> pd.DataFrame:
    """The cells and names of columns as LaTeX."""
    columns = {}
    for name in _shown(table):
        cells = [_cell(name, value) for value in table[name]]
        low, high = BOUNDS.get(name, ("", ""))
        if low in table:
            halves = (table[high] - table[low]) / 2
            cells = [
                cell if pd.isna(half) else f"{cell} ± {half:.1f}"
                for cell, half in zip(cells, halves, strict=True)
            ]
        columns[_escaped(_header(name))] = [_escaped(cell) for cell in cells]
    return pd.DataFrame(columns)


def _is_percent(name: str) -> bool:
    return name in PERCENTS or name.startswith("seed ")


def _header(name: str) -> str:
    unit = ", points" if name == "difference" else ", %" if _is_percent(name) else ""
    return name.replace("_", " ") + unit


def _cell(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    if name == "p":
        return level(value).removeprefix("p ").removeprefix("= ")
    if _is_percent(name):
        text = f"{value:.1f}"
    else:
        text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
    return text.replace("-", "−")


def _escaped(text: str) -> str:
    return text.translate(LATEX)
