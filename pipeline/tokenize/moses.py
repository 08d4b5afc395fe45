"""Moses tokens of a line, after word segmentation for scripts without spaces.

Moses uses lists of abbreviations to keep the dot of "Mr." with its word. For a language without a
list it takes the English one, as it does for ar, bg, sw, th, tr, ur and vi. We supply one for bg.
In the other languages the only effect is that abbreviations lose their dot unless the English list
has them, and that a word on the English list keeps it.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import regex

from ..common.errors import PipelineError
from ..common.languages import macrolanguage, primary
from .segmenters import HAN, VARIATION, segment

# Moses puts spaces around characters that Perl does not class as alphabetic, even inside words:
# Thai tone marks, accents of decomposed letters, and the joiners of Hindi and Urdu.
MARKS = r"\u200c\u200d" + "".join(
    character
    for character in map(chr, (*range(0x20000), *range(0xE0100, 0xE01F0)))
    if unicodedata.category(character)[0] == "M"
)
# What follows a symbol inside its emoji (Unicode Technical Standard 51): variation selectors, the
# keycap, skin tones and tags.
MODIFIERS = rf"[{VARIATION}\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
TSHEG = {"\u0f0b", "\u0f0c"}  # the Tibetan mark between the syllables of a word
FLAG = r"[\U0001f1e6-\U0001f1ff]{2}"  # two letters of a region


def words(language: str, abbreviations: Path, lines: Sequence[str]) -> list[str]:
    """Tokenise lines, with one space between tokens; only spaces and controls change.

    A file of the folder `abbreviations` that is named after the language, `pt-BR.txt` or `pt.txt`,
    replaces Moses' list. The format is Moses': one word per line without its dot, followed by
    ` #NUMERIC_ONLY#` if the word keeps its dot only before a number. Raises PipelineError for a
    file that is not UTF-8 text.
    """
    tokenizer = _moses(language, _custom_list(language, abbreviations))
    return [
        str(tokenizer.tokenize(segment(language, line), escape=False, return_str=True))
        for line in lines
    ]


def rules_used(language: str, abbreviations: Path) -> dict[str, str]:
    """What decides the tokens of a language: the rules, and the list of abbreviations."""
    custom, known = _custom_list(language, abbreviations), _listed(language)
    of_moses = f"{known} of Moses" if known else f"en of Moses, which has none for {language}"
    return {
        "rules": f"Moses (sacremoses {version('sacremoses')})",
        "abbreviations": str(custom) if custom else of_moses,
    }


def _custom_list(language: str, abbreviations: Path) -> Path | None:
    files = [abbreviations / f"{code}.txt" for code in (language, primary(language))]
    return next(filter(Path.is_file, files), None)


def _listed(language: str) -> str | None:
    """The code under which Moses has abbreviations of a language."""
    from sacremoses.corpus import NonbreakingPrefixes

    listed = NonbreakingPrefixes().available_langs.values()
    return next(
        (code for code in (primary(language), macrolanguage(language)) if code in listed), None
    )


@cache
def _moses(language: str, custom: Path | None) -> Any:
    from sacremoses import MosesTokenizer

    try:
        tokenizer = MosesTokenizer(_listed(language) or primary(language), custom)
    except (OSError, ValueError) as error:
        raise PipelineError(f"{custom}: cannot be read ({error}): save it as UTF-8 text") from error
    # The default set contains punctuation for Chinese and lacks Han for other languages.
    alphanumeric = MosesTokenizer.IsAlnum + HAN + _letters(MosesTokenizer.IsAlnum)
    symbol = rf"[^{alphanumeric + MARKS}\s.'`,\-]{MODIFIERS}"
    emoji = rf"{FLAG}|{symbol}(?:\u200d{symbol})*"
    tokenizer.PAD_NOT_ISALNUM = re.compile(f"({emoji})"), r" \1 "
    return tokenizer


@cache
def _letters(known: str) -> str:
    """A character set of the letters and digits of Unicode that are not `known`.

    Moses' table is older than some scripts, ends before the supplementary planes (Adlam, Osage) and
    has no Hangul, so that it would tear Korean words into syllables.
    """
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x40000)]))
    letters = set(regex.findall(r"[\p{L}\p{Nd}\p{Nl}]", everything)) - set(known)
    numbered = enumerate(sorted(map(ord, letters | TSHEG)))
    runs = [[code for _, code in run] for _, run in groupby(numbered, lambda n: n[1] - n[0])]
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)
