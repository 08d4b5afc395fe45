"""Subwords of words: each distinct word is encoded once, sentences are assembled from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

PRECEDING = "a"  # a word before each word, which shows how it is read within a sentence
SENTENCES_PER_BLOCK = 4096  # compared with their text at once


@dataclass(frozen=True)
class Subwords:
    """Subwords of word types, each in two forms: within a sentence, and at its start.

    Many tokenizers mark the space before a word, so that its first subword depends on whether there
    is one. Of n types, form w is type w within a sentence, form n + w is type w at the start. The
    subwords of form f are `ids[bounds[f]:bounds[f + 1]]`; a word that the tokenizer cannot read has
    none. `prefix` and `suffix` are the special tokens around a sentence. `bounds` is int64
    [2n + 1], all others are int32.
    """

    ids: np.ndarray
    bounds: np.ndarray
    prefix: np.ndarray
    suffix: np.ndarray

    def forms(self, types: np.ndarray, sentence_bounds: np.ndarray) -> np.ndarray:
        """The form of each word, int64 [words].

        The words of sentence s are of the types `types[sentence_bounds[s]:sentence_bounds[s + 1]]`.
        """
        forms = types.astype(np.int64)
        filled = np.diff(sentence_bounds) > 0
        forms[sentence_bounds[:-1][filled]] += (len(self.bounds) - 1) // 2
        return forms

    def pieces(self) -> list[np.ndarray]:
        """The subwords of each form."""
        return [self.ids[start:end] for start, end in pairwise(self.bounds.tolist())]


def read_tokenizer(folder: Path) -> Tokenizer:
    """The fast tokenizer in the folder of an encoder, without truncation and padding."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode_words(words: Sequence[str], tokenizer: Tokenizer) -> Subwords:
    """The subwords of distinct words, the same as in sentences whose words one space separates.

    They differ from those of the text where a tokenizer merges across words: see `count_merged`.
    """
    before = tokenizer.encode(PRECEDING, add_special_tokens=False).ids
    within = _encode(tokenizer, [f"{PRECEDING} {word}" for word in words])
    ids_by_form = [ids[len(before) :] for ids in within]
    merged = [index for index, ids in enumerate(within) if ids[: len(before)] != before]
    alone = _encode(tokenizer, [f" {words[index]}" for index in merged])
    for index, ids in zip(merged, alone, strict=True):
        ids_by_form[index] = ids
    ids_by_form += _encode(tokenizer, words)
    bounds = np.concatenate([[0], np.cumsum([len(ids) for ids in ids_by_form])]).astype(np.int64)
    all_ids = np.array(list(chain.from_iterable(ids_by_form)), np.int32)
    return Subwords(all_ids, bounds, *special_tokens(tokenizer))


def count_merged(sentences: Sequence[str], tokenizer: Tokenizer) -> int:
    """The number of sentences whose subwords are not those of their words.

    The words of a sentence are separated by one space.
    """
    count = 0
    for start in range(0, len(sentences), SENTENCES_PER_BLOCK):
        block = sentences[start : start + SENTENCES_PER_BLOCK]
        types: dict[str, int] = {}
        words = [[types.setdefault(word, len(types)) for word in text.split(" ")] for text in block]
        pieces = [ids.tolist() for ids in encode_words(list(types), tokenizer).pieces()]
        for (first, *others), text_ids in zip(words, _encode(tokenizer, block), strict=True):
            by_words = [*pieces[len(types) + first]]
            for word in others:
                by_words += pieces[word]
            count += by_words != text_ids
    return count


def special_tokens(tokenizer: Tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """The ids that the tokenizer adds before and after a sentence, both int32."""
    sentence = tokenizer.encode(PRECEDING)
    ids = np.array(sentence.ids, np.int32)
    words = np.flatnonzero(np.array(sentence.special_tokens_mask) == 0)
    if not len(words):  # the tokenizer cannot read the word
        return ids, ids[:0]
    return ids[: words[0]], ids[words[-1] + 1 :]


def _encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    encodings = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return [encoding.ids for encoding in encodings]
