"""Subwords of words: each distinct word is encoded once, and sentences are put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer


@dataclass(frozen=True)
class Subwords:
    """Word type w has the subwords `ids[bounds[w]:bounds[w + 1]]`, none for unreadable ones.

    `prefix` and `suffix` are the special tokens around a sentence. All are int32 but `bounds`,
    which is int64.
    """

    ids: np.ndarray
    bounds: np.ndarray
    prefix: np.ndarray
    suffix: np.ndarray


def read_tokenizer(folder: Path) -> Tokenizer:
    """The fast tokenizer of an encoder's folder, giving each sentence whole and unpadded."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode_words(words: Sequence[str], tokenizer: Tokenizer) -> Subwords:
    """The subwords of distinct words, the same as within a sentence.

    The tokenizer splits the words of a sentence that is given as words one by one.
    """
    alone = [[word] for word in words]
    encodings = tokenizer.encode_batch(alone, is_pretokenized=True, add_special_tokens=False)
    pieces = [each.ids for each in encodings]
    bounds = np.concatenate([[0], np.cumsum([len(each) for each in pieces])]).astype(np.int64)
    ids = np.array([piece for each in pieces for piece in each], np.int32)
    prefix, suffix = _special_tokens(tokenizer)
    return Subwords(ids, bounds, prefix, suffix)


def _special_tokens(tokenizer: Tokenizer) -> tuple[np.ndarray, np.ndarray]:
    bare = tokenizer.encode(["a"], is_pretokenized=True, add_special_tokens=False).ids
    full = tokenizer.encode(["a"], is_pretokenized=True)
    start = full.word_ids.index(0)
    ids = np.array(full.ids, np.int32)
    return ids[:start], ids[start + len(bare) :]
