"""Vega-Lite specifications of the page's charts: dictionaries that contain their data.

The page (page.css) sets the colours of axes and text, so that they follow light and dark mode. It
also draws the legends, from `Chart.keys`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

# Colours that colour-blind people can distinguish (Okabe and Ito, 2008), on light and dark.
PALETTE = ("#8b929c", "#1f83c4", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#a6761d")
PERCENT = "accuracy, %"
POINTS = 250  # per curve, at most
BANDS = {"paddingInner": 0.28, "paddingOuter": 0.12}
DIFFERENCE = ["difference", "difference_low", "difference_high", "p"]  # of a method from the first


@dataclass(frozen=True)
class Chart:
    """A chart and its figures.

    `table` has one row per bar, point or line end, in full precision, and may have the columns
    DIFFERENCE, which are not drawn. If a figure is a mean over seeds, `by_seed` has one row per
    seed: the first two columns of `table`, seed, and accuracy_of_seed. `choices` are the values of
    the parameter `language`, if the chart has one.
    """

    name: str
    title: str
    note: str
    spec: Mapping[str, Any]
    table: pd.DataFrame
    keys: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[str] = ()
    by_seed: pd.DataFrame | None = None

    @property
    def drawn(self) -> pd.DataFrame:
        """The table without differences: the text alternative of the chart."""
        return self.table.drop(columns=DIFFERENCE, errors="ignore")


def colours(names: Iterable[str]) -> dict[str, str]:
    """One colour per distinct name, in order of first occurrence."""
    chosen = list(dict.fromkeys(names))
    return {name: PALETTE[number % len(PALETTE)] for number, name in enumerate(chosen)}


def bars(
    rows: pd.DataFrame,
    y: str,
    colour: str,
    keys: Mapping[str, str],
    title: str,
    *,
    choices: Sequence[str] = (),
    x: str = "accuracy",
) -> dict[str, Any]:
    """Horizontal bars grouped by `y`, with intervals from low to high, in the order of the rows.

    With `choices`, rows have a `language`, and the chart shows one language: at first choices[0].
    """
    rows = _rounded(rows, [y, colour, x, "low", "high", *(["language"] if choices else [])])
    order = list(dict.fromkeys(rows[y]))
    place = {
        "y": {"field": y, "type": "nominal", "title": None, "scale": {**BANDS, "domain": order}},
        "yOffset": {"field": colour, "type": "nominal", "sort": list(keys)},
    }
    scale = {"domain": list(keys), "range": list(keys.values())}
    # All choices share one scale; without a domain Vega warns if no interval is shown.
    top = rows[[column for column in (x, "high") if column in rows]].max(axis=None) or 1
    scale_x = {"domain": [min(0, rows[x].min()), top], "nice": True}
    across = {"type": "quantitative", "scale": scale_x}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.86}, "cornerRadiusEnd": 2},
            "encoding": {
                "x": {"field": x, "title": title, **across},
                "color": {"field": colour, "type": "nominal", "scale": scale, "legend": None},
                "tooltip": _tooltips([y, colour, x]),
            },
        }
    ]
    if "low" in rows and rows["low"].notna().any():
        layers.append(_intervals(across))
    height = _height(len(order), rows[colour].nunique())
    return _choose(_spec(rows, {"layer": layers, "encoding": place, "height": height}), choices)


def _intervals(across: Mapping[str, Any]) -> dict[str, Any]:
    span = {"x": {"field": "low", **across}, "x2": {"field": "high"}}
    mark = {"type": "rule", "strokeWidth": 1.5, "color": "currentColor", "aria": False}
    return {"mark": mark, "transform": _valid("low"), "encoding": span}


def lines(
    rows: pd.DataFrame,
    x: str,
    y: str,
    keys: Mapping[str, str],
    titles: tuple[str, str],
    *,
    points: bool = True,
) -> dict[str, Any]:
    """One line per method; `titles` are those of the x and y axes."""
    colour = "method"
    scale = {"domain": list(keys), "range": list(keys.values())}
    encoding = {
        "x": {"field": x, "type": "quantitative", "title": titles[0]},
        "y": {
            "field": y,
            "type": "quantitative",
            "title": titles[1],
            "scale": {"zero": False, "nice": True},
        },
        "color": {"field": colour, "type": "nominal", "scale": scale, "legend": None},
        "tooltip": _tooltips([x, colour, y]),
    }
    mark = {"type": "line", "strokeWidth": 1.8, "point": {"size": 42} if points else False}
    shown = _rounded(rows[rows[y].notna()], [x, colour, y], 2 if titles[1].endswith("%") else 4)
    return _spec(shown, {"mark": mark, "encoding": encoding, "height": 210})


def dumbbells(rows: pd.DataFrame, keys: Mapping[str, str], title: str) -> dict[str, Any]:
    """One line per language and `source` from `before` (open point) to `after` (filled point).

    `keys` has the colour of each source.
    """
    rows = _rounded(rows, ["language", "source", "before", "after"])
    languages = list(dict.fromkeys(rows["language"]))
    place = {
        "y": {
            "field": "language",
            "type": "nominal",
            "title": None,
            "scale": {**BANDS, "domain": languages},
        },
        "yOffset": {"field": "source", "type": "nominal", "sort": list(keys)},
        "color": {
            "field": "source",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": list(keys), "range": list(keys.values())},
        },
        "tooltip": _tooltips(["language", "source", "before", "after"]),
    }
    axis = {"type": "quantitative", "title": title, "scale": {"zero": False, "nice": True}}
    ranged = {"x": {"field": "before", **axis}, "x2": {"field": "after"}}
    start, end = ({"x": {"field": name, **axis}} for name in ("before", "after"))
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 2.5, "opacity": 0.55}, "encoding": ranged},
        {"mark": {"type": "point", "size": 46, "opacity": 1}, "encoding": start},
        {
            "mark": {"type": "point", "size": 62, "filled": True, "opacity": 1},
            "encoding": end,
        },
    ]
    height = _height(len(languages), len(keys))
    return _spec(rows, {"layer": layers, "encoding": place, "height": height})


def thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of each method, or means of consecutive rows so that at most POINTS remain."""
    groups = rows.groupby("method", sort=False)
    if rows.empty or groups.size().max() <= POINTS:
        return rows
    frames = []
    for method, steps in groups:
        steps_per_point = -(-len(steps) // POINTS)  # rounded up
        window = np.arange(len(steps)) // steps_per_point
        means = steps.drop(columns="method").astype(float).groupby(window).mean()
        means.insert(0, "method", method)
        frames.append(means)
    return pd.concat(frames, ignore_index=True)


def _height(groups: int, bands: int) -> int:
    return groups * (max(12, 24 // max(1, bands)) * max(1, bands) + 10) + 8


def _tooltips(fields: Sequence[str]) -> list[dict[str, str]]:
    return [{"field": name, "title": name.replace("_", " ")} for name in fields]


def _valid(name: str) -> list[dict[str, Any]]:
    return [{"filter": f"isValid(datum.{name})"}]


def _rounded(rows: pd.DataFrame, columns: Sequence[str], digits: int = 2) -> pd.DataFrame:
    """The columns that a chart draws, in as many digits as can be seen."""
    return rows[[name for name in columns if name in rows]].round(digits)


def _spec(rows: pd.DataFrame, rest: Mapping[str, Any]) -> dict[str, Any]:
    values = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return {"width": "container", "data": {"values": values}, **rest}


def _choose(spec: dict[str, Any], choices: Sequence[str]) -> dict[str, Any]:
    if not choices:
        return spec
    return {
        **spec,
        "params": [{"name": "language", "value": choices[0]}],
        "transform": [{"filter": "datum.language == language"}],
    }
