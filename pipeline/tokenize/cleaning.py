"""The cleaning of Cao et al. (2020), whose script works on tokenised lines `src ||| tgt`.

They apply the rules to text with escaped entities and unescape it later. We do not escape: where
they drop &gt; and &lt; we drop > and <, and we drop | because its escape contains #.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..common.constraints import Natural, Positive

# The authors delete "( DE ) " and the like: the two-letter language tags of Europarl.
LANGUAGE_TAG = re.compile(r"\( .. \) ")

# Characters that str.split does not split at: controls, zero-width spaces, direction marks.
INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Cleaning:
    """The block `tokenize` in params.yaml.

    Bounds on the characters of the line `src ||| tgt` and on the tokens of either side.
    """

    min_characters: Natural
    max_characters: Positive
    min_words: Positive


class Pair(NamedTuple):
    """Both sides with single spaces; `characters` is counted on the joined line before that."""

    source: str
    english: str
    characters: int


Rule = Callable[[Pair, Cleaning], bool]


def _holds(mark: str) -> Rule:
    return lambda pair, _: mark in pair.source or mark in pair.english


# The first matching rule drops the pair.
RULES: dict[str, Rule] = {
    "backslash": _holds("\\"),
    "soft hyphen": _holds("\u00ad"),
    "equals sign": _holds("="),
    "hash": _holds("#"),
    "web address": _holds("http"),
    "less-than sign": _holds("<"),
    "greater-than sign": _holds(">"),
    "bar": _holds("|"),
    "empty": lambda pair, _: not (pair.source and pair.english),
    "too short": lambda pair, bounds: pair.characters <= bounds.min_characters,
    "too long": lambda pair, bounds: pair.characters >= bounds.max_characters,
    "few words": lambda pair, bounds: _words(pair) < bounds.min_words,
}


def clean(
    pairs: Iterable[tuple[str, str]], bounds: Cleaning
) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Return the tokenised pairs (source, English) that no rule drops, in order, and counts.

    The counts are {"pairs": all, "kept": n, "dropped": {rule: n}}; all rules are
    listed, in the order of RULES, and kept and dropped add up to all.
    """
    kept_pairs, dropped = [], Counter[str]()
    for raw in pairs:
        pair = normalize(*raw)
        rule = next((name for name, hits in RULES.items() if hits(pair, bounds)), None)
        if rule:
            dropped[rule] += 1
        else:
            kept_pairs.append((pair.source, pair.english))
    return kept_pairs, {
        "pairs": len(kept_pairs) + dropped.total(),
        "kept": len(kept_pairs),
        "dropped": {name: dropped[name] for name in RULES},
    }


def normalize(source: str, english: str) -> Pair:
    """Remove language tags and put single spaces between the tokens of a pair."""
    source, english = (LANGUAGE_TAG.sub("", side) for side in (source, english))
    characters = len(f"{source} ||| {english}")
    source, english = (" ".join(INVISIBLE.sub(" ", side).split()) for side in (source, english))
    return Pair(source, english, characters)


def _words(pair: Pair) -> int:
    """Number of tokens on the shorter side; neither side is empty."""
    return min(pair.source.count(" "), pair.english.count(" ")) + 1
