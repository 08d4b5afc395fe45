"""The bins of the analyses: the kind of word, pair and sentence of each query.

Words that differ only in case are one type. A bin describes the query (the source word in the
direction to English, the English word from English) unless it describes the pair.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from tokenizers import Tokenizer

from ..common.errors import PipelineError
from ..encoder.subwords import encode_words
from .parts_of_speech import PART_NAMES

WORDS = ("source_word", "english_word")
COUNT_EDGES = [0, *(2**power for power in range(11))]  # the last bin is open: 1,024 and more
COUNTS = [
    str(low) if high == low + 1 else f"{low}–{high - 1}" for low, high in pairwise(COUNT_EDGES)
]
COUNTS += [f"{COUNT_EDGES[-1]}+"]
LENGTH_EDGES = [1, 6, 11, 21, 41]
LENGTHS = ["1–5", "6–10", "11–20", "21–40", "41+"]
RATIO_EDGES = [1 / 8, 1 / 2, 2, 8]
RATIOS = ["under 1/8", "1/8–1/2", "1/2–2", "2–8", "over 8"]
CLASSES = ["open", "closed", "no letters"]
SEEN = ["same pair", "both words", "one word", "neither"]
SCRIPT_GROUPS = ["same", "different", "no letters"]
SUBWORDS = ["shared", "none shared"]


@dataclass(frozen=True)
class Bins:
    """The names of the bins in order, and the bin of each pair [pairs] in either direction."""

    names: list[str]
    to_english: np.ndarray
    from_english: np.ndarray


@dataclass(frozen=True)
class AnalysedCorpus:
    """The word pairs and the text from which the bins are computed.

    `pairs` and `training` are tables of `pairs.word_pairs`: the pairs that are retrieved, and those
    that the encoder was aligned with. `source` and `english` are the tokenised corpus, indexed by
    the column `line` of both tables; `text` holds the numbers of the lines of training text.
    `parts` [pairs] are the parts of speech of the English words, None if they were not tagged.
    """

    pairs: pd.DataFrame
    training: pd.DataFrame
    source: Sequence[str]
    english: Sequence[str]
    text: np.ndarray
    parts: np.ndarray | None = None


def read_words(path: Path) -> frozenset[str]:
    """The words of a list with one word per line; skips empty lines and lines that begin with '# '.

    Raises PipelineError if the file is missing.
    """
    if not path.is_file():
        raise PipelineError(f"{path}: is missing: run dvc pull data")
    lines = path.read_text("utf-8").split("\n")
    return frozenset(line for line in lines if line and not line.startswith("# "))


def bins(corpus: AnalysedCorpus, closed: Collection[str], tokenizer: Tokenizer) -> dict[str, Bins]:
    """The bins of each analysis; some may be empty.

    `closed` holds the closed-class English words in lower case. The analyses:

    - class: whether the English word is closed-class or open-class, or has no letters;
    - part of speech: of the English word, if it was tagged;
    - frequency: occurrences of the word in the training text;
    - frequency ratio: occurrences of the source word over those of the English word, each plus 1;
    - contexts, translations: training pairs with the word, and its distinct partners in them;
    - seen: whether training had this pair of types, both words apart, one word or neither;
    - script: whether the first letters of the two words belong to one script;
    - length: tokens in the word's sentence;
    - subwords: whether the two words share a subword with letters or digits.
    """
    pairs, training = folded(corpus.pairs), folded(corpus.training)
    types = training[list(WORDS)].drop_duplicates()
    sides = dict(zip(WORDS, (corpus.source, corpus.english), strict=True))
    frequency = [
        frequencies(pairs[word], [text[line] for line in corpus.text.tolist()])
        for word, text in sides.items()
    ]
    contexts = [count(pairs[word], training[word]) for word in WORDS]
    translations = [count(pairs[word], types[word]) for word in WORDS]
    lengths = ([1 + text[line].count(" ") for line in pairs["line"]] for text in sides.values())
    tagged = {} if corpus.parts is None else {"part of speech": _of_pairs(PART_NAMES, corpus.parts)}
    return {
        "class": _of_pairs(CLASSES, word_classes(pairs["english_word"], closed)),
        **tagged,
        "frequency": _of_words(COUNTS, map(count_bins, frequency)),
        "frequency ratio": _of_pairs(RATIOS, ratio_bins(*frequency)),
        "contexts": _of_words(COUNTS, map(count_bins, contexts)),
        "translations": _of_words(COUNTS, map(count_bins, translations)),
        "seen": _of_pairs(SEEN, seen(pairs, training)),
        "script": _of_pairs(SCRIPT_GROUPS, scripts(corpus.pairs)),
        "length": _of_words(LENGTHS, map(length_bins, lengths)),
        "subwords": _of_pairs(SUBWORDS, shared_subwords(corpus.pairs, tokenizer)),
    }


def folded(pairs: pd.DataFrame) -> pd.DataFrame:
    """The table of pairs with case-folded words."""
    return pairs.assign(**{word: pairs[word].map(str.casefold) for word in WORDS})


def word_classes(words: pd.Series, closed: Collection[str]) -> np.ndarray:
    """The class (of CLASSES) of each folded word, objects [words]."""
    kinds = {
        word: "closed" if word in closed else "open" if script(word) else "no letters"
        for word in words.unique()
    }
    return words.map(kinds).to_numpy(object)


def frequencies(words: pd.Series, text: Sequence[str]) -> np.ndarray:
    """How often each folded word occurs in tokenised lines, int64 [words]."""
    return count(words, pd.Series(" ".join(text).casefold().split(" "), dtype=object))


def count(words: pd.Series, among: pd.Series) -> np.ndarray:
    """How many entries of `among` equal each word, int64 [words]."""
    return words.map(among.value_counts()).fillna(0).to_numpy(np.int64)


def count_bins(counts: np.ndarray) -> np.ndarray:
    """The bin (of COUNTS) of each count: 0, 1, 2–3, 4–7 and so on, doubling in width."""
    return _pick(COUNTS, np.searchsorted(COUNT_EDGES, counts, side="right") - 1)


def ratio_bins(source: np.ndarray, english: np.ndarray) -> np.ndarray:
    """The bin (of RATIOS) of (source + 1) / (english + 1); a bound is in the bin nearer to 1."""
    ratio = (source + 1) / (english + 1)
    below_1 = np.searchsorted(RATIO_EDGES, ratio, side="right")
    above_1 = np.searchsorted(RATIO_EDGES, ratio, side="left")
    return _pick(RATIOS, np.where(ratio < 1, below_1, above_1))


def length_bins(lengths: Sequence[int]) -> np.ndarray:
    """The bin (of LENGTHS) of each number of tokens."""
    return _pick(LENGTHS, np.searchsorted(LENGTH_EDGES, lengths, side="right") - 1)


def seen(pairs: pd.DataFrame, training: pd.DataFrame) -> np.ndarray:
    """What training had of each pair of folded words (of SEEN), objects [pairs]."""
    same, known = (pd.MultiIndex.from_frame(table[list(WORDS)]) for table in (pairs, training))
    missing = sum((~pairs[word].isin(training[word])).to_numpy(np.int64) for word in WORDS)
    return _pick(SEEN, np.where(same.isin(known), 0, 1 + missing))


def script(word: str) -> str:
    """The first word of the first letter's Unicode name, like LATIN or CJK; '' without letters."""
    letter = next(filter(str.isalpha, word), "")
    return unicodedata.name(letter, "UNKNOWN").split()[0] if letter else ""


def scripts(pairs: pd.DataFrame) -> np.ndarray:
    """Whether the words of each pair share a script (of SCRIPT_GROUPS), objects [pairs]."""
    source, english = (_scripts(pairs[word]) for word in WORDS)
    without = (source == "") | (english == "")
    return _pick(SCRIPT_GROUPS, np.where(without, 2, source != english))


def _scripts(words: pd.Series) -> np.ndarray:
    by_type = {word: script(word) for word in words.unique()}
    return words.map(by_type).to_numpy(object)


def shared_subwords(pairs: pd.DataFrame, tokenizer: Tokenizer) -> np.ndarray:
    """Whether the words of each pair share a subword (of SUBWORDS), objects [pairs]."""
    words = pd.concat([pairs[word] for word in WORDS]).unique().tolist()
    subwords = encode_words(words, tokenizer)
    special = {
        number for number, token in tokenizer.get_added_tokens_decoder().items() if token.special
    }
    informative = {
        piece
        for piece in set(subwords.ids.tolist()) - special
        if any(map(str.isalnum, tokenizer.id_to_token(piece) or ""))
    }
    within = subwords.pieces()[: len(words)]
    sets = {
        word: informative.intersection(ids.tolist())
        for word, ids in zip(words, within, strict=True)
    }
    apart = [
        sets[source].isdisjoint(sets[english])
        for source, english in zip(*(pairs[word] for word in WORDS), strict=True)
    ]
    return _pick(SUBWORDS, np.array(apart))


def _pick(names: list[str], numbers: np.ndarray) -> np.ndarray:
    return np.array(names, object)[numbers.astype(np.int64)]


def _of_pairs(names: list[str], labels: np.ndarray) -> Bins:
    return Bins(names, labels, labels)


def _of_words(names: list[str], labels: Iterable[np.ndarray]) -> Bins:
    to_english, from_english = labels
    return Bins(names, to_english, from_english)
