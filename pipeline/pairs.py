"""Contextual word pairs: aligned words of sentence pairs, with their subwords, in three splits.

One row a sentence pair; the columns are listed in COLUMNS. Protocol of Cao et al. (2020): the
first sentences of the corpus are the test set, the next the dev set, the rest trains.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tokenizers import Encoding, Tokenizer

from pipeline.errors import PipelineError
from pipeline.word_align import Links

COLUMNS = {
    "source": "tokenised source sentence",
    "english": "tokenised English sentence",
    "source_ids": "subword ids with the special tokens, int32",
    "english_ids": "the same of the English sentence",
    "source_ends": "position in source_ids of each word's last subword, int16",
    "english_ends": "the same of the English sentence",
    "source_words": "source word index of each pair, int16",
    "english_words": "English word index of each pair, int16",
}
SPLITS = ("test", "dev", "train")


@dataclass(frozen=True)
class Protocol:
    """Sizes in sentence pairs (train: at most) and the longest sentences that are used."""

    test: int
    dev: int
    train: int
    max_words: int
    max_subwords: int


def build_pairs(
    bitext: pd.DataFrame, links: Sequence[Links], tokenizer: Tokenizer, protocol: Protocol
) -> dict[str, pd.DataFrame]:
    """Word pairs by split name.

    `bitext` has tokenised columns source and english, `links` the alignment of each row. Words
    identical in both languages are no pairs; sentences without pairs are dropped, and so are
    those whose source or English text came before, so that the splits share no sentence.
    Raises PipelineError if there are too few sentences.
    """
    sentences = zip(bitext.source, bitext.english, links, strict=True)
    rows = bitext.assign(links=pd.Series(list(starmap(_translations, sentences)), dtype=object))
    words = pd.DataFrame({side: rows[side].str.count(" ") + 1 for side in ("source", "english")})
    rows = rows[(words.max(axis=1) <= protocol.max_words) & rows.links.map(bool)]
    rows = _first_occurrences(rows)
    table = _with_subwords(rows, tokenizer)
    subwords = table[["source_ids", "english_ids"]].map(len)
    table = table[subwords.max(axis=1) <= protocol.max_subwords].reset_index(drop=True)
    return _split(table, protocol)


def disjoint_training(splits: Mapping[str, Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The train split of each language, without sentences held out in any language.

    `splits` holds frames by language and split. The languages share English text, so a sentence
    held out in one could train another.
    """
    held_out = {
        sentence_key(text)
        for frames in splits.values()
        for split in ("test", "dev")
        for side in ("source", "english")
        for text in frames[split][side]
    }
    return {language: _without(frames["train"], held_out) for language, frames in splits.items()}


def sentence_key(sentence: str) -> bytes:
    """The same for sentences that differ only in case, spaces or punctuation."""
    letters = "".join(filter(str.isalnum, sentence.casefold())) or sentence
    return hashlib.blake2b(letters.encode("utf-8"), digest_size=8).digest()


def read_tokenizer(folder: Path) -> Tokenizer:
    """The fast tokenizer of an encoder's folder, giving each sentence whole and unpadded."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _translations(source: str, english: str, links: Links) -> Links:
    words, english_words = source.split(" "), english.split(" ")
    return [(i, j) for i, j in links if words[i] != english_words[j]]


def _first_occurrences(rows: pd.DataFrame) -> pd.DataFrame:
    seen: set[bytes] = set()
    first = []
    for pair in zip(rows.source, rows.english, strict=True):
        keys = {sentence_key(text) for text in pair}
        first.append(not keys & seen)
        if first[-1]:
            seen |= keys
    return rows[first]


def _without(pairs: pd.DataFrame, keys: set[bytes]) -> pd.DataFrame:
    free = [
        not {sentence_key(source), sentence_key(english)} & keys
        for source, english in zip(pairs.source, pairs.english, strict=True)
    ]
    return pairs[free].reset_index(drop=True)


def _with_subwords(rows: pd.DataFrame, tokenizer: Tokenizer) -> pd.DataFrame:
    table: dict[str, Any] = {side: rows[side] for side in ("source", "english")}
    for side in ("source", "english"):
        words = [sentence.split(" ") for sentence in rows[side]]
        encodings = tokenizer.encode_batch(words, is_pretokenized=True)
        table[f"{side}_ids"] = [np.array(each.ids, np.int32) for each in encodings]
        table[f"{side}_ends"] = [
            _ends(each, len(sentence)) for each, sentence in zip(encodings, words, strict=True)
        ]
    table["source_words"] = [np.array([i for i, _ in each], np.int16) for each in rows.links]
    table["english_words"] = [np.array([j for _, j in each], np.int16) for each in rows.links]
    return pd.DataFrame(table)[list(COLUMNS)]


def _ends(encoding: Encoding, words: int) -> np.ndarray:
    ends = np.zeros(words, np.int16)
    for position, word in enumerate(encoding.word_ids):
        if word is not None:
            ends[word] = position
    return ends


def _split(table: pd.DataFrame, protocol: Protocol) -> dict[str, pd.DataFrame]:
    held_out = protocol.test + protocol.dev
    if len(table) <= held_out:
        raise PipelineError(
            f"pairs: only {len(table)} usable sentence pairs, but test {protocol.test} and dev "
            f"{protocol.dev} must leave some to train: lower them in params.yaml or add a corpus"
        )
    bounds = [0, protocol.test, held_out, held_out + protocol.train]
    slices = zip(SPLITS, bounds[:-1], bounds[1:], strict=True)
    return {name: table[start:end].reset_index(drop=True) for name, start, end in slices}
