"""Word segmenters for scripts that put no spaces between words.

The script of the text decides what is segmented, and the language by which dictionary: Min Nan in
Han characters is, in Latin letters it is not.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import regex

from ..common.errors import PipelineError
from ..common.languages import language_name, primary

Cut = Callable[[str], list[str]]

# Contents of regular-expression character sets.
VARIATION = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
THAI = r"\u0e01-\u0e3a\u0e40-\u0e4e"  # letters and marks, without the baht sign and digits
KHMER = r"\u1780-\u17d3\u17d7\u17dc\u17dd\u200c\u200d"
LAO = r"\u0e81-\u0ecf\u0edc-\u0edf"
MYANMAR = (
    r"\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f\u200c\u200d"
)
KANA = r"\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
# Scripts without spaces between words: those in which Unicode's line breaking (UAX 14) needs a
# dictionary or breaks between any two letters or syllables.
SPACELESS = ["Ahom", "Balinese", "Batak", "Buginese", "Cham", "Cuneiform", "Egyptian_Hieroglyphs"]
SPACELESS += ["Han", "Hiragana", "Javanese", "Katakana", "Kawi", "Khitan_Small_Script", "Khmer"]
SPACELESS += ["Lao", "Myanmar", "New_Tai_Lue", "Nushu", "Rejang", "Tai_Le", "Tai_Tham", "Tai_Viet"]
SPACELESS += ["Tangut", "Thai", "Tibetan", "Yi"]
LETTER = regex.compile(r"\p{L}")
LABEL = 3  # English words: in lines so short, one word may well be the translation
STRAY = 0.05  # share of the lines that may be in such a script without a segmenter
# Chinese languages. They are written in Han characters where they are not romanised.
CHINESE = ["zh", "cmn", "lzh", "cdo", "cjy", "cnp", "cpx", "csp", "czh", "czo", "gan", "hak"]
CHINESE += ["hsn", "mnp", "nan", "wuu", "yue"]


@dataclass(frozen=True)
class Segmenter:
    """Cuts the `runs` of text of some languages into words.

    `load` imports the packages and returns the function that cuts one run; its words joined are the
    run. `scripts` are those of SPACELESS that it cuts, `languages` codes without script and region.
    `extra` is the extra of this project that has the packages, None if they are always installed.
    """

    languages: Sequence[str]
    scripts: tuple[str, ...]
    runs: re.Pattern[str]
    load: Callable[[], Cut]
    packages: tuple[str, ...]
    extra: str | None = None

    @property
    def versions(self) -> str:
        """The packages with their versions; raises PipelineError if one is not installed."""
        try:
            return ", ".join(f"{name} {version(name)}" for name in self.packages)
        except PackageNotFoundError as error:
            raise PipelineError(
                f"{' and '.join(self.packages)}: not installed, needed for words in "
                f"{'/'.join(self.scripts)} script: pip install -c constraints.txt '.[{self.extra}]'"
            ) from error


def segmenter_of(language: str) -> Segmenter | None:
    """The segmenter of a language, whatever its script, region and variant; None if it has none."""
    return next((each for each in SEGMENTERS if primary(language) in each.languages), None)


def needed_segmenter(language: str, lines: Iterable[str]) -> Segmenter | None:
    """The segmenter of a language if one of the lines has text for it.

    Raises PipelineError if its packages are not installed.
    """
    segmenter = segmenter_of(language)
    if segmenter is None or not any(map(segmenter.runs.search, lines)):
        return None
    assert segmenter.versions  # else it raises the error
    return segmenter


def segment(language: str, line: str) -> str:
    """Put spaces around the words that the language's segmenter cuts; other text is unchanged."""
    segmenter = segmenter_of(language)
    if segmenter is None or not segmenter.runs.search(line):
        return line
    cut = _loaded(segmenter.load)
    return segmenter.runs.sub(lambda run: f" {' '.join(cut(run.group()))} ", line)


def check_spaces(language: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Raise PipelineError for text in a script without spaces that no segmenter cuts.

    `pairs` are raw lines, source and English. Text into which somebody has put spaces passes: its
    sentences have at least half as many words as their English sides.
    """
    segmenter = segmenter_of(language)
    scripts = set(SPACELESS) - set(segmenter.scripts if segmenter else ())
    if primary(language) == "ko":  # it has spaces, also in text with Han characters
        scripts.discard("Han")
    letter = regex.compile("[" + "".join(map(r"\p{{{}}}".format, sorted(scripts))) + "]")
    lines, uncut = 0, []
    for pair in pairs:
        lines += 1
        if letter.search(pair[0]):
            letters = LETTER.findall(pair[0])
            if 2 * len(letter.findall("".join(letters))) > len(letters):
                uncut.append(pair)
    sentences = [pair for pair in uncut if len(pair[1].split()) > LABEL] or uncut
    words, english_words = (sum(len(pair[side].split()) for pair in sentences) for side in (0, 1))
    if len(uncut) > STRAY * lines and 2 * words < english_words:
        script = _script("".join(source for source, _ in uncut))
        raise PipelineError(
            f"{language}: {len(uncut):,} of {lines:,} lines are in {script} script without spaces "
            f"between words, for which {language_name(language)} has no segmenter: put spaces "
            "between the words of the corpus, see docs/languages.md"
        )


def _script(text: str) -> str:
    """The script of SPACELESS with the most characters in a text."""
    counts = {script: len(regex.findall(rf"\p{{{script}}}", text)) for script in SPACELESS}
    return max(counts, key=counts.__getitem__)


@cache
def _loaded(load: Callable[[], Cut]) -> Cut:
    return load()


def _jieba() -> Cut:
    from rjieba import cut

    return lambda run: _with_variation(cut(run))


def _newmm() -> Cut:
    os.environ.setdefault("PYTHAINLP_READ_ONLY", "1")  # do not create a folder in $HOME
    from pythainlp.tokenize import newmm

    return lambda run: list(newmm.segment(run))


def _sudachi() -> Cut:
    from sudachipy import Dictionary, SplitMode

    tokenizer = Dictionary(dict="small").tokenizer(SplitMode.A)
    return lambda run: _with_variation([word.surface() for word in tokenizer.tokenize(run)])


def _icu(language: str) -> Callable[[], Cut]:
    def load() -> Cut:
        from icu4py.breakers import WordBreaker

        return lambda run: list(WordBreaker(run, language))

    return load


def _with_variation(words: Iterable[str]) -> list[str]:
    """The words, with each variation selector in the word before it."""
    return re.sub(f" ([{VARIATION}])", r"\1", " ".join(words)).split(" ")


SEGMENTERS = (
    # jieba: a dictionary, and a hidden Markov model for unknown words.
    Segmenter(CHINESE, ("Han",), re.compile(f"(?:[{HAN}][{VARIATION}]?)+"), _jieba, ("rjieba",)),
    # Maximal matching with PyThaiNLP's dictionary, which lists abbreviations with dots.
    Segmenter(
        ["th"],
        ("Thai",),
        re.compile(rf"[{THAI}]+(?:\.[{THAI}]+)*(?:\.(?!\.))?"),
        _newmm,
        ("pythainlp",),
    ),
    # Short units, as in UniDic. Sudachi takes at most 49,149 bytes.
    Segmenter(
        ["ja"],
        ("Han", "Hiragana", "Katakana"),
        re.compile(f"(?:[{HAN}{KANA}][{VARIATION}]?){{1,5000}}"),
        _sudachi,
        ("SudachiPy", "SudachiDict-small"),
        "ja",
    ),
    # ICU's dictionaries.
    *(
        Segmenter([code], (script,), re.compile(f"[{letters}]+"), _icu(code), ("icu4py",), code)
        for code, script, letters in (
            ("km", "Khmer", KHMER),
            ("lo", "Lao", LAO),
            ("my", "Myanmar", MYANMAR),
        )
    ),
)
