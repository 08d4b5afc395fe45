"""Moses tokens of a line, after word segmentation for scripts without spaces.

Moses uses lists of abbreviations to keep the dot of "Mr." with its word. sacremoses 0.2 has none
for ar, bg, sw, th, tr, ur and vi and uses the English list, as Moses does. We supply one for bg. In
the other languages the only effect is that abbreviations lose their dot unless the English list
has them, and that a word on the English list keeps it.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..common.errors import PipelineError

# Contents of regular-expression character sets.
HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
THAI = r"\u0e01-\u0e3a\u0e40-\u0e4e"  # letters and marks, without the baht sign and digits
# Moses puts spaces around characters that Perl does not class as alphabetic, even inside words:
# Thai tone marks, accents of decomposed letters, and the joiners of Hindi and Urdu.
MARKS = r"\u200c\u200d" + "".join(
    character
    for character in map(chr, (*range(0x20000), *range(0xE0100, 0xE01F0)))
    if unicodedata.category(character)[0] == "M"
)
# What follows a symbol inside its emoji (Unicode Technical Standard 51): variation selectors, the
# keycap, skin tones and tags.
VARIATION = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
MODIFIERS = rf"[{VARIATION}\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
FLAG = r"[\U0001f1e6-\U0001f1ff]{2}"  # two letters of a region


def words(language: str, abbreviations: Path, lines: Sequence[str]) -> list[str]:
    """Tokenise lines, with one space between tokens; only spaces and controls change.

    `<language>.txt` in the folder `abbreviations`, if present, replaces Moses' list. The format is
    Moses': one word per line without its dot, followed by ` #NUMERIC_ONLY#` if the word keeps its
    dot only before a number. Raises PipelineError for a file that is not UTF-8 text.
    """
    tokenizer = _moses(language, abbreviations / f"{language}.txt")
    return [
        str(tokenizer.tokenize(segment(language, line), escape=False, return_str=True))
        for line in lines
    ]


def segment(language: str, line: str) -> str:
    """Put spaces around Thai or Chinese words (th, zh); other text is unchanged."""
    if language not in SEGMENTERS:
        return line
    script, cut = SEGMENTERS[language]
    return script.sub(lambda run: f" {' '.join(cut(run.group()))} ", line)


def _chinese(run: str) -> list[str]:
    from rjieba import cut

    return re.sub(f" ([{VARIATION}])", r"\1", " ".join(cut(run))).split(" ")


def _thai(run: str) -> list[str]:
    os.environ.setdefault("PYTHAINLP_READ_ONLY", "1")  # do not create a folder in $HOME
    from pythainlp.tokenize import newmm

    return list(newmm.segment(run))


SEGMENTERS: dict[str, tuple[re.Pattern[str], Callable[[str], list[str]]]] = {
    # Maximal matching with PyThaiNLP's dictionary, which lists abbreviations with dots.
    "th": (re.compile(rf"[{THAI}]+(?:\.[{THAI}]+)*(?:\.(?!\.))?"), _thai),
    # jieba: a dictionary, and a hidden Markov model for unknown words.
    "zh": (re.compile(f"(?:[{HAN}][{VARIATION}]?)+"), _chinese),
}


@cache
def _moses(language: str, custom: Path) -> Any:
    from sacremoses import MosesTokenizer

    try:
        tokenizer = MosesTokenizer(language, custom if custom.is_file() else None)
    except (OSError, ValueError) as error:
        raise PipelineError(f"{custom}: cannot be read ({error}): save it as UTF-8 text") from error
    # The default set contains punctuation for Chinese and lacks Han for other languages.
    symbol = rf"[^{MosesTokenizer.IsAlnum + HAN + MARKS}\s.'`,\-]{MODIFIERS}"
    emoji = rf"{FLAG}|{symbol}(?:\u200d{symbol})*"
    tokenizer.PAD_NOT_ISALNUM = re.compile(f"({emoji})"), r" \1 "
    return tokenizer
