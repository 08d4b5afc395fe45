"""Subwords of words: each distinct word is encoded once, and sentences are put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from pipeline.errors import PipelineError


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
    """The subwords of distinct words, each as the tokenizer splits it within a sentence."""
    alone = [[word] for word in words]
    encodings = tokenizer.encode_batch(alone, is_pretokenized=True, add_special_tokens=False)
    pieces = [each.ids for each in encodings]
    bounds = np.concatenate([[0], np.cumsum([len(each) for each in pieces])]).astype(np.int64)
    ids = np.array([piece for each in pieces for piece in each], np.int32)
    prefix, suffix = _special_tokens(tokenizer)
    return Subwords(ids, bounds, prefix, suffix)


def check_independence(sentences: Sequence[list[str]], tokenizer: Tokenizer) -> None:
    """Raise PipelineError if a word's subwords depend on its neighbours in one of the sentences."""
    prefix, suffix = _special_tokens(tokenizer)
    whole = tokenizer.encode_batch(sentences, is_pretokenized=True)
    for words, sentence in zip(sentences, whole, strict=True):
        subwords = encode_words(words, tokenizer)
        if [*prefix, *subwords.ids, *suffix] != sentence.ids:
            raise PipelineError(
                f"pairs: the encoder's tokenizer splits words otherwise alone than in "
                f"{' '.join(words)[:60]!r}: choose another encoder"
            )


def _special_tokens(tokenizer: Tokenizer) -> tuple[np.ndarray, np.ndarray]:
    bare = tokenizer.encode(["a"], is_pretokenized=True, add_special_tokens=False).ids
    full = tokenizer.encode(["a"], is_pretokenized=True)
    start = full.word_ids.index(0)
    ids = np.array(full.ids, np.int32)
    return ids[:start], ids[start + len(bare) :]
