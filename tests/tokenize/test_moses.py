"""Emoji of several characters, and that other text has the tokens of Moses."""

import copy
import re
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tokenize.cleaning import normalize
from pipeline.tokenize.moses import MARKS, _moses, words
from pipeline.tokenize.segmenters import HAN, segment

# Characters that join others to one emoji, or are joined.
JOINING = "".join(
    map(
        chr,
        [
            *(0x200D, 0x20E3),
            *range(0xFE00, 0xFE10),
            *range(0x1F1E6, 0x1F200),
            *range(0x1F3FB, 0x1F400),
            *range(0xE0020, 0xE0080),
            *range(0xE0100, 0xE01F0),
        ],
    )
)


def one(language, line):
    return words(language, Path("none"), [line])[0]


EMOJI = [
    "👨\u200d👩\u200d👧\u200d👦",
    "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿",
    "🏳\ufe0f\u200d🌈",
    "❤\ufe0f",
    "♥\ufe0e",
    "👍🏽",
    "🇩🇪",
    "1\ufe0f\u20e3",
    "#\ufe0f\u20e3",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🤷🏻\u200d♀\ufe0f",
    "葛\U000e0100",
    "∩\ufe00",
]


@pytest.mark.parametrize("emoji", EMOJI)
@pytest.mark.parametrize("language", ["de", "zh", "th"])
def test_an_emoji_of_several_characters_is_one_token(language, emoji):
    assert one(language, f"ja {emoji} , ( {emoji} ) ok").split(" ") == [
        *("ja", emoji, ",", "(", emoji, ")", "ok")
    ]
    assert normalize(f"ja {emoji} .", "yes .").source == f"ja {emoji} ."


def test_an_emoji_is_apart_from_words_and_from_other_emoji():
    joined, flag, heart = EMOJI[0], EMOJI[6], EMOJI[3]
    line = f"Hallo{joined}Familie,{flag}{flag}😀😀{heart}!"
    assert one("de", line).split(" ") == [
        *("Hallo", joined, "Familie", ",", flag, flag, "😀", "😀", heart, "!")
    ]
    assert one("hi", "क\u094d\u200dष ।").split(" ") == ["क\u094d\u200dष", "।"]


def moses_before(language, line):
    """Moses with every symbol on its own, by a table of Unicode that has all letters."""
    tokenizer = copy.copy(_moses(language, None))
    word = re.compile(f"[{tokenizer.IsAlnum}{HAN}{MARKS}]")
    letter = regex.compile(r"[\p{L}\p{Nd}\p{Nl}\u0f0b\u0f0c]")

    def padded(found):
        symbol = not word.match(found[0]) and not letter.match(found[0])
        return f" {found[0]} " if symbol else found[0]

    tokenizer.PAD_NOT_ISALNUM = re.compile(r"[^\s.'`,\-]"), padded
    return tokenizer.tokenize(segment(language, line), escape=False, return_str=True)


@pytest.mark.parametrize("language", ["de", "fr", "zh", "th", "hi"])
@settings(deadline=None)  # the first one loads the tables and the segmenter
@given(line=st.text(st.characters(exclude_characters=JOINING), max_size=30))
def test_text_without_joined_symbols_has_the_tokens_of_moses(language, line):
    assert one(language, line) == moses_before(language, line)
