"""One HTML page that draws the word links of sentence pairs.

It contains its style, script and data, and requests nothing. `drawn_pairs` reads the pairs:

    pairs = read_drawn_pairs(Path("de.txt"), Path("en.txt"), Path("links.txt"), language="de")
    Path("links.html").write_text(links_page(pairs, "Links of my aligner"), "utf-8")
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import langcodes
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from langcodes.data_dicts import LIKELY_SUBTAGS
from markupsafe import Markup

from ..common.languages import ENGLISH, language_name
from .drawn_pairs import DrawnPair

ASSETS = Path(__file__).parent / "assets"
SCRIPT_FILES = ("links_drawing.js", "links_page.js")
# Scripts of living languages that are written from right to left, by their codes of ISO 15924.
RIGHT_TO_LEFT = {"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"}
MATCHED, MISSING, EXTRA = range(3)  # kinds of links, as the script knows them


def links_page(sentences: Iterable[DrawnPair], title: str) -> str:
    """The HTML of the page; the same sentence pairs give the same text."""
    pairs = list(sentences)
    codes = dict.fromkeys(pair.language for pair in pairs)
    environment = Environment(
        loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    # Other alphabets as they are: escapes would triple the size of the page.
    environment.policies["json.dumps_kwargs"] = {
        "ensure_ascii": False, "separators": (",", ":"), "allow_nan": False,
    }  # fmt: skip
    style, script = (
        Markup("\n".join((ASSETS / name).read_text("utf-8") for name in names))
        for names in (("links_page.css",), SCRIPT_FILES)
    )
    return environment.get_template("links_page.html.j2").render(
        title=title,
        pairs=len(pairs),
        links=sum(len(pair.links) for pair in pairs),
        missing=sum(len(pair.missing) for pair in pairs),
        extra=sum(len(pair.extra) for pair in pairs),
        has_gold=any(pair.gold is not None for pair in pairs),
        has_probabilities=any(
            probability is not None for pair in pairs for probability in pair.links.values()
        ),
        data={
            "sides": {code or "": _side(code) for code in (*codes, ENGLISH)},
            "pairs": [_content(pair) for pair in pairs],
        },
        style=style,
        script=script,
    )


def text_direction(code: str) -> str:
    """The value of HTML's `dir` for a language: `auto`, by the text, if its script is not known."""
    language = langcodes.Language.get(langcodes.standardize_tag(code, macro=True))
    if language.maximize().script in RIGHT_TO_LEFT:
        return "rtl"
    # For other languages `maximize` answers Latin.
    is_known = language.script is not None or language.language in LIKELY_SUBTAGS
    return "ltr" if is_known else "auto"


def _side(code: str | None) -> dict[str, str]:
    if code is None:
        return {"name": "Source", "direction": "auto"}
    return {"name": language_name(code), "direction": text_direction(code)}


def _content(pair: DrawnPair) -> Mapping[str, Any]:
    """A pair for the script; links are [source token, English token, kind], then a probability."""
    extra = set(pair.extra)
    links: list[list[float]] = []
    for link, probability in sorted(pair.links.items()):
        kind = EXTRA if link in extra else MATCHED
        links.append([*link, kind, *([] if probability is None else [round(probability, 4)])])
    links += [[*link, MISSING] for link in pair.missing]
    return {
        "language": pair.language or "",
        "source": list(pair.source),
        "english": list(pair.english),
        "links": links,
    }
