"""Tokenised sentences as the subwords that an encoder reads, and the words that these belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from tokenizers import Tokenizer

from ..encoder.pair_arrays import Side
from ..encoder.subwords import encode_words
from .links import MAX_WORDS
from .settings import Unit

Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class EncoderText:
    """Sentences with the units that get a vector, and the token index of each unit.

    Units are the words that the encoder can read, or their subwords; `side` has their positions.
    """

    side: Side
    tokens: np.ndarray  # int64 [units]

    def sentences(self) -> list[slice]:
        """The units of each sentence."""
        return [slice(*bounds) for bounds in pairwise(self.side.word_bounds.tolist())]


def encoder_text(
    lines: Lines, tokenizer: Tokenizer, max_subwords: int, pooling: str, unit: Unit
) -> EncoderText:
    """Tokenised sentences as an encoder reads them that takes up to `max_subwords` subwords.

    `pooling` says which subwords represent a word, see `EncoderAligner`. Words without subwords,
    those past the last position, and those past MAX_WORDS are left out.
    """
    words = list(dict.fromkeys(chain.from_iterable(lines)))
    subwords = encode_words(words, tokenizer)
    pieces = subwords.pieces()
    within = dict(zip(words, pieces[: len(words)], strict=True))
    initial = dict(zip(words, pieces[len(words) :], strict=True))
    limit = max_subwords - len(subwords.suffix)
    ids, starts, ends, tokens = [], [], [], []
    for line in lines:
        word_pieces = [within[word] for word in line[:MAX_WORDS]]
        word_pieces[:1] = [initial[word] for word in line[:1]]
        lengths = np.array([len(piece) for piece in word_pieces], np.int64)
        word_ends = len(subwords.prefix) + lengths.cumsum()
        readable = np.flatnonzero((lengths > 0) & (word_ends <= limit))
        word_ids = [word_pieces[token] for token in readable.tolist()]
        ids.append(np.concatenate([subwords.prefix, *word_ids, subwords.suffix]))
        starts.append((word_ends - lengths)[readable])
        ends.append(word_ends[readable])
        tokens.append(readable)
        if unit == "subwords":  # each is a span of its own; those of readable words are adjacent
            tokens[-1] = np.repeat(readable, lengths[readable])
            starts[-1] = len(subwords.prefix) + np.arange(len(tokens[-1]))
            ends[-1] = starts[-1] + 1
    first, last = np.concatenate(starts), np.concatenate(ends) - 1
    side = Side(
        ids=np.concatenate(ids),
        id_bounds=np.cumsum([0, *map(len, ids)]),
        first=last if pooling == "last" else first,
        last=first if pooling == "first" else last,
        word_bounds=np.cumsum([0, *map(len, tokens)]),
        keys=np.zeros(len(lines), np.uint64),
    )
    return EncoderText(side, np.concatenate(tokens))
