"""The bins by which retrieval is analysed: what kind of word, pair and sentence a query is.

Words are one type whatever their case. The numbers are of the word that is looked up, the source
word to English and the English word from English, except where a bin is of the pair.
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
from .parts_of_speech import NAMES

WORDS = ("source_word", "english_word")
COUNT_EDGES = [0, *(2**power for power in range(11))]  # from 1,024 on one bin
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
SCRIPTS = ["same", "different", "no letters"]
SUBWORDS = ["shared", "none shared"]


@dataclass(frozen=True)
class Bins:
    """The names of the bins in their order, and the name [pairs] of each pair's, by direction."""

    names: list[str]
    to_english: np.ndarray
    from_english: np.ndarray


@dataclass(frozen=True)
class Corpus:
    """What the bins are read off.

    `pairs` and `training` are tables of word pairs as `pairs.word_pairs` makes them: those that are
    retrieved, and those that the encoder was aligned with. `source` and `english` are the corpus,
    tokenised, whose lines the tables number; `text` [lines] says which of these are training text.
    `parts` are the parts of speech of the English words of `pairs`, if they were tagged.
    """

    pairs: pd.DataFrame
    training: pd.DataFrame
    source: Sequence[str]
    english: Sequence[str]
    text: np.ndarray
    parts: np.ndarray | None = None


def read_words(path: Path) -> frozenset[str]:
    """The words of a list, one a line; empty lines and those that begin with '# ' do not count.

    Raises PipelineError if there is no such list.
    """
    if not path.is_file():
        raise PipelineError(f"{path}: is not there: dvc pull data")
    lines = path.read_text("utf-8").split("\n")
    return frozenset(line for line in lines if line and not line.startswith("# "))


def bins(corpus: Corpus, closed: Collection[str], tokenizer: Tokenizer) -> dict[str, Bins]:
    """The bins by analysis; some may be empty.

    `closed` are the closed-class English words, in lower case. The analyses:

    - class: the English word is of a closed or open class, or has no letters;
    - part of speech: of the English word, if it was tagged;
    - frequency: occurrences of the word in the training text;
    - frequency ratio: those of the source word over those of the English word, one added to each;
    - contexts, translations: training pairs of the word, and its distinct partners in them;
    - seen: what training had: this pair of types, both words apart, one of them, or neither;
    - script: whether the first letters of the two words are of one script;
    - length: tokens of the word's sentence;
    - subwords: whether the two words share a subword that has letters or digits.
    """
    pairs, training = folded(corpus.pairs), folded(corpus.training)
    types = training[list(WORDS)].drop_duplicates()
    sides = dict(zip(WORDS, (corpus.source, corpus.english), strict=True))
    frequency = [
        frequencies(pairs[word], [text[line] for line in corpus.text.tolist()])
        for word, text in sides.items()
    ]
    lengths = ([1 + text[line].count(" ") for line in pairs["line"]] for text in sides.values())
    tagged = {} if corpus.parts is None else {"part of speech": _of_pairs(NAMES, corpus.parts)}
    return {
        "class": _of_pairs(CLASSES, word_classes(pairs["english_word"], closed)),
        **tagged,
        "frequency": _of_words(COUNTS, map(count_bins, frequency)),
        "frequency ratio": _of_pairs(RATIOS, ratio_bins(*frequency)),
        "contexts": _of_words(
            COUNTS, (count_bins(count(pairs[word], training[word])) for word in WORDS)
        ),
        "translations": _of_words(
            COUNTS, (count_bins(count(pairs[word], types[word])) for word in WORDS)
        ),
        "seen": _of_pairs(SEEN, seen(pairs, training)),
        "script": _of_pairs(SCRIPTS, scripts(corpus.pairs)),
        "length": _of_words(LENGTHS, map(length_bins, lengths)),
        "subwords": _of_pairs(SUBWORDS, shared_subwords(corpus.pairs, tokenizer)),
    }


def folded(pairs: pd.DataFrame) -> pd.DataFrame:
    """The table of pairs with their words without case."""
    return pairs.assign(**{word: pairs[word].map(str.casefold) for word in WORDS})


def word_classes(words: pd.Series, closed: Collection[str]) -> np.ndarray:
    """Which of CLASSES each folded word is of."""
    kinds = {
        word: "closed" if word in closed else "open" if script(word) else "no letters"
        for word in words.unique()
    }
    return words.map(kinds).to_numpy(object)


def frequencies(words: pd.Series, text: Sequence[str]) -> np.ndarray:
    """How often each folded word stands in lines of tokens, int64 [words]."""
    return count(words, pd.Series(" ".join(text).casefold().split(" "), dtype=object))


def count(words: pd.Series, among: pd.Series) -> np.ndarray:
    """How many rows of `among` each word is, int64 [words]."""
    return words.map(among.value_counts()).fillna(0).to_numpy(np.int64)


def count_bins(counts: np.ndarray) -> np.ndarray:
    """Which of COUNTS: 0, 1, 2–3, 4–7 and so on, doubling in width."""
    return _pick(COUNTS, np.searchsorted(COUNT_EDGES, counts, side="right") - 1)


def ratio_bins(source: np.ndarray, english: np.ndarray) -> np.ndarray:
    """Which of RATIOS (source + 1) / (english + 1) is; a bound is of the bin nearer to 1."""
    ratio = (source + 1) / (english + 1)
    outside = [ratio < RATIO_EDGES[0], ratio < RATIO_EDGES[1]]
    outside += [ratio > RATIO_EDGES[2], ratio > RATIO_EDGES[3]]
    return _pick(RATIOS, 2 - outside[0] - outside[1] + outside[2] + outside[3])


def length_bins(lengths: Sequence[int]) -> np.ndarray:
    """Which of LENGTHS numbers of tokens are."""
    return _pick(LENGTHS, np.searchsorted(LENGTH_EDGES, lengths, side="right") - 1)


def seen(pairs: pd.DataFrame, training: pd.DataFrame) -> np.ndarray:
    """Which of SEEN each pair of folded words is."""
    same, known = (pd.MultiIndex.from_frame(table[list(WORDS)]) for table in (pairs, training))
    missing = sum((~pairs[word].isin(training[word])).to_numpy(np.int64) for word in WORDS)
    return _pick(SEEN, np.where(same.isin(known), 0, 1 + missing))


def script(word: str) -> str:
    """The script of the first letter, as its Unicode name begins: LATIN, GREEK, CJK; '' if none."""
    letter = next(filter(str.isalpha, word), "")
    return unicodedata.name(letter, "UNKNOWN").split()[0] if letter else ""


def scripts(pairs: pd.DataFrame) -> np.ndarray:
    """Which of SCRIPTS each pair has."""
    source, english = (
        pairs[word].map({each: script(each) for each in pairs[word].unique()}).to_numpy(object)
        for word in WORDS
    )
    without = (source == "") | (english == "")
    return _pick(SCRIPTS, np.where(without, 2, source != english))


def shared_subwords(pairs: pd.DataFrame, tokenizer: Tokenizer) -> np.ndarray:
    """Which of SUBWORDS each pair has."""
    words = pd.concat([pairs[word] for word in WORDS]).unique().tolist()
    subwords = encode_words(words, tokenizer)
    special = {at for at, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    telling = {
        piece
        for piece in set(subwords.ids.tolist()) - special
        if any(map(str.isalnum, tokenizer.id_to_token(piece) or ""))
    }
    pieces = np.split(subwords.ids, subwords.bounds[1:-1])
    sets = {
        word: telling.intersection(ids.tolist()) for word, ids in zip(words, pieces, strict=True)
    }
    apart = [
        sets[source].isdisjoint(sets[english])
        for source, english in zip(*(pairs[word] for word in WORDS), strict=True)
    ]
    return _pick(SUBWORDS, np.array(apart))


def _pick(names: list[str], at: np.ndarray) -> np.ndarray:
    return np.array(names, object)[at.astype(np.int64)]


def _of_pairs(names: list[str], labels: np.ndarray) -> Bins:
    return Bins(names, labels, labels)


def _of_words(names: list[str], labels: Iterable[np.ndarray]) -> Bins:
    to_english, from_english = labels
    return Bins(names, to_english, from_english)
