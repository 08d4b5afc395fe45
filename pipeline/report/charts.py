"""Vega-Lite specifications of the page's charts: dictionaries, with their rows in them.

Colours of axes and text are the page's (page.css), so that they follow light and dark. Legends are
the page's too: `Chart.keys` says which colour stands for what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

# Colours that colour-blind people tell apart (Okabe and Ito, 2008), legible on light and dark.
PALETTE = ("#8b929c", "#1f83c4", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#a6761d")
ALL = "all languages"


@dataclass(frozen=True)
class Chart:
    """A chart with what a reader has who does not see it.

    `table` holds the same figures as text. `choices` are the values of its parameter `language`, if
    it has one.
    """

    name: str
    title: str
    note: str
    spec: Mapping[str, Any]
    table: pd.DataFrame
    keys: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[str] = ()


def colours(names: Iterable[str]) -> dict[str, str]:
    """A colour for each name, the same wherever it occurs."""
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
    """Horizontal bars, those of one `y` beside each other, with their intervals low to high.

    The order is that of the rows. With `choices`, rows have a `language` and those of one are
    shown, the first at the start.
    """
    order = list(dict.fromkeys(rows[y]))
    place = {
        "y": {"field": y, "type": "nominal", "sort": order, "title": None},
        "yOffset": {"field": colour, "type": "nominal", "sort": list(keys)},
    }
    scale = {"domain": list(keys), "range": list(keys.values())}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.86}, "cornerRadiusEnd": 2},
            "encoding": {
                "x": {"field": x, "type": "quantitative", "title": title},
                "color": {"field": colour, "type": "nominal", "scale": scale, "legend": None},
                "tooltip": _tooltips([y, colour, x]),
            },
        }
    ]
    if "low" in rows and rows["low"].notna().any():
        span = {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}
        mark = {"type": "rule", "strokeWidth": 1.5, "aria": False}
        layers.append({"mark": mark, "transform": _valid("low"), "encoding": span})
    bands = max(1, rows[colour].nunique())
    step = max(13, 32 // bands)
    spec = _spec(rows, {"layer": layers, "encoding": place, "height": {"step": step}})
    spec["encoding"]["y"]["scale"] = {"paddingInner": 0.3, "paddingOuter": 0.1}
    spec["height"] = {"step": step, "for": "offset"}
    return _choose(spec, choices)


def lines(
    rows: pd.DataFrame,
    x: str,
    y: str,
    keys: Mapping[str, str],
    titles: tuple[str, str],
    *,
    points: bool = True,
) -> dict[str, Any]:
    """A line a method; `titles` are those of both axes."""
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
    return _spec(rows[rows[y].notna()], {"mark": mark, "encoding": encoding, "height": 210})


def dumbbells(
    rows: pd.DataFrame, keys: Mapping[str, str], ends: tuple[str, str], title: str
) -> dict[str, Any]:
    """From `before` to `after`, a line a language and `source`, with points at both ends.

    `keys` has the colour of each source, `ends` what the two ends are called.
    """
    place = {
        "y": {"field": "language", "type": "nominal", "title": None, "sort": None},
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
    start, end = ({"x": {"field": each, **axis}} for each in ("before", "after"))
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 2.5, "opacity": 0.55}, "encoding": ranged},
        {"mark": {"type": "point", "size": 46, "opacity": 1}, "encoding": start},
        {
            "mark": {"type": "point", "size": 62, "filled": True, "opacity": 1},
            "encoding": end,
        },
    ]
    description = f"{title}: open points are {ends[0]}, filled ones {ends[1]}"
    spec = _spec(rows, {"layer": layers, "encoding": place, "description": description})
    spec["encoding"]["y"]["scale"] = {"paddingInner": 0.25, "paddingOuter": 0.15}
    return {**spec, "height": {"step": 18, "for": "offset"}}


def _tooltips(fields: Sequence[str]) -> list[dict[str, str]]:
    return [{"field": each, "title": each.replace("_", " ")} for each in fields]


def _valid(name: str) -> list[dict[str, Any]]:
    return [{"filter": f"isValid(datum.{name})"}]


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
