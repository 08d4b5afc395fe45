"""Subwords of words: each distinct word is encoded once, sentences are assembled from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer


@dataclass(frozen=True)
class Subwords:
    """Subwords by word type: those of type w are `ids[bounds[w]:bounds[w + 1]]`.

    A type that the tokenizer cannot read has none. `prefix` and `suffix` are the special tokens
    around a sentence. `bounds` is int64, all others are int32.
    """

    ids: np.ndarray
    bounds: np.ndarray
    prefix: np.ndarray
    suffix: np.ndarray


def read_tokenizer(folder: Path) -> Tokenizer:
    """The fast tokenizer in the folder of an encoder, without truncation and padding."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode_words(words: Sequence[str], tokenizer: Tokenizer) -> Subwords:
    """The subwords of distinct words, the same as within a sentence.

    They are the same because a tokenizer that gets a sentence as a list of words splits each word
    separately.
    """
    sentences = [[word] for word in words]
    encodings = tokenizer.encode_batch(sentences, is_pretokenized=True, add_special_tokens=False)
    ids_by_word = [encoding.ids for encoding in encodings]
    bounds = np.concatenate([[0], np.cumsum([len(ids) for ids in ids_by_word])]).astype(np.int64)
    ids = np.array(list(chain.from_iterable(ids_by_word)), np.int32)
    prefix, suffix = _special_tokens(tokenizer)
    return Subwords(ids, bounds, prefix, suffix)


def _special_tokens(tokenizer: Tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """The ids before and after the words of a sentence, both int32."""
    word = tokenizer.encode(["a"], is_pretokenized=True, add_special_tokens=False).ids
    sentence = tokenizer.encode(["a"], is_pretokenized=True)
    start = sentence.word_ids.index(0)
    ids = np.array(sentence.ids, np.int32)
    return ids[:start], ids[start + len(word) :]
