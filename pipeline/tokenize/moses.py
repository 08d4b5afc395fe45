"""Words of a line: Moses tokens, after a segmenter where the script has no spaces.

Moses' lists of abbreviations keep the dot of "Mr." with its word. sacremoses 0.2 has none for
ar, bg, sw, th, tr, ur and vi and takes the English one, as Moses does. We have one for bg; in the
others that only splits the dot from an abbreviation, or keeps it with what is one in English.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..common.errors import PipelineError

# Members of regular expressions' sets.
HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
THAI = r"\u0e01-\u0e3a\u0e40-\u0e4e"  # letters and marks, not the sign of baht and digits
# Moses pads what Perl does not call alphabetic, inside of words too: Thai tones, accents of
# decomposed letters, the joiners of Hindi and Urdu.
MARKS = r"\u200c\u200d" + "".join(
    character for character in map(chr, range(0x10000)) if unicodedata.category(character)[0] == "M"
)


def words(language: str, abbreviations: Path, lines: Sequence[str]) -> list[str]:
    """The lines with one space between tokens; nothing else changes but spaces and controls.

    `abbreviations` is a folder: `<language>.txt` in it, if there is one, replaces Moses' own list.
    It has Moses' format: a word a line without its dot, ` #NUMERIC_ONLY#` after those that keep
    the dot before a number only. Raises PipelineError for a file that is not text.
    """
    tokenizer = _moses(language, abbreviations / f"{language}.txt")
    return [
        str(tokenizer.tokenize(segment(language, line), escape=False, return_str=True))
        for line in lines
    ]


def segment(language: str, line: str) -> str:
    """Thai and Chinese words (th, zh) with spaces around; other languages and scripts as given."""
    if language not in SEGMENTERS:
        return line
    script, cut = SEGMENTERS[language]
    return script.sub(lambda run: f" {' '.join(cut(run.group()))} ", line)


def _chinese(run: str) -> list[str]:
    from rjieba import cut

    return list(cut(run))


def _thai(run: str) -> list[str]:
    os.environ.setdefault("PYTHAINLP_READ_ONLY", "1")  # or it makes a folder in the user's home
    from pythainlp.tokenize import newmm

    return list(newmm.segment(run))


SEGMENTERS: dict[str, tuple[re.Pattern[str], Callable[[str], list[str]]]] = {
    # Maximal matching in PyThaiNLP's dictionary. It knows abbreviations with their dots.
    "th": (re.compile(rf"[{THAI}]+(?:\.[{THAI}]+)*(?:\.(?!\.))?"), _thai),
    # jieba: a dictionary, and a hidden Markov model for unknown words.
    "zh": (re.compile(f"[{HAN}]+"), _chinese),
}


@cache
def _moses(language: str, custom: Path) -> Any:
    from sacremoses import MosesTokenizer

    try:
        tokenizer = MosesTokenizer(language, custom if custom.is_file() else None)
    except (OSError, ValueError) as error:
        raise PipelineError(f"{custom}: cannot be read ({error}): save it as UTF-8 text") from error
    # Not the tokenizer's own set: for Chinese it has punctuation too, for others no Han.
    word = MosesTokenizer.IsAlnum + HAN + MARKS
    tokenizer.PAD_NOT_ISALNUM = re.compile(rf"([^{word}\s.'`,\-])"), r" \1 "
    return tokenizer
