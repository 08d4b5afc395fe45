"""The steps of alignment training: which sentence pairs they have, and their tensors.

A plan lists the sentence pairs of every step. The tensors of a step are made when it is due.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from torch.utils.data import Dataset

from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.pair_arrays import Side, Spans, Split, with_special
from ..encoder.word_vectors import (
    SentenceBatch,
    WordSpans,
    make_inputs,
    make_words,
    token_batches,
)

# About as many passes per step, of sentences of similar length: of the subwords of a single pass,
# only 70 % were not padding.
PASSES_PER_STEP = 4
SPECIAL_TOKENS = 2  # [CLS] and [SEP] of each sentence
Plan = list[dict[str, np.ndarray]]  # by step and language, the numbers of sentence pairs


class LanguageBatch(NamedTuple):
    """One language's batch: what this process compares, as numbers of a side's subwords.

    `source` and `english` are words or whole sentences, row by row the two sides of a pair;
    `context` is all English words. The counts are of the batch in all processes.
    """

    source: WordSpans
    english: WordSpans
    context: WordSpans
    pairs_per_process: list[int]
    english_words: int


class Step(NamedTuple):
    """This process's sentences of a step, counted from 1.

    `both` has the source sentences before the English ones, `english` the latter alone, for the
    frozen encoder. `subwords` counts those of all processes.
    """

    number: int
    both: SentenceBatch
    english: SentenceBatch
    batches: list[LanguageBatch]
    subwords: int


def make_plan(
    splits: Mapping[str, Split], batch_tokens: int, epochs: int, interleave: str, seed: int
) -> Plan:
    """The sentence pairs of every step.

    A batch holds sentence pairs of similar length in one language, at most `batch_tokens` subwords
    of both sides. So there is little padding, and batches hold similar numbers of words, so that
    the mean over a batch gives each word the same weight. By `interleave`:

    - each: a step has a batch of each language. An epoch has as many steps as the largest
      language has batches, and smaller ones spread theirs evenly. Lengths match across languages.
    - share: a step has one batch; languages take turns in proportion to their batches.
    """
    batches = {}
    for language, split in splits.items():
        lengths = split.source.lengths() + split.english.lengths()
        batches[language] = list(token_batches(lengths.tolist(), batch_tokens))
    counts = {language: len(of_language) for language, of_language in batches.items()}
    random = np.random.default_rng(seed)
    epoch = _one_batch_each(counts) if interleave == "each" else _one_batch(counts)
    return [
        {language: np.array(batches[language][index]) for language, index in epoch[position]}
        for _ in range(epochs)
        for position in random.permutation(len(epoch))
    ]


def _one_batch_each(counts: Mapping[str, int]) -> list[list[tuple[str, int]]]:
    """Languages and batch numbers of each step, for `interleave: each`."""
    steps = max(counts.values())
    # The n batches of a language fall on n of the steps, spread evenly.
    return [
        [(name, step * n // steps) for name, n in counts.items() if step * n % steps < n]
        for step in range(steps)
    ]


def _one_batch(counts: Mapping[str, int]) -> list[list[tuple[str, int]]]:
    """Languages and batch numbers of each step, for `interleave: share`."""
    return [[(name, index)] for name, count in counts.items() for index in range(count)]


@dataclass(frozen=True)
class _Share:
    """The sentence pairs of a language in a step, and those that this process computes."""

    whole: Split
    part: Split
    process_of: np.ndarray  # int64 [sentence pairs], the process of each


class StepDataset(Dataset[Step]):
    """The part of each step that one of several processes computes."""

    def __init__(
        self,
        plan: Plan,
        splits: Mapping[str, Split],
        vocabulary: CompactVocabulary,
        *,
        unit: str = "words",
        special_tokens: bool = True,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        """`unit` is that of `objectives.Objective`. With `special_tokens`, [CLS] and [SEP] count as
        words, and as parts of a sentence."""
        self.plan, self.splits, self.vocabulary = plan, splits, vocabulary
        self.unit, self.special_tokens = unit, special_tokens
        self.process, self.processes = process, processes

    def __len__(self) -> int:
        return len(self.plan)

    def __getitem__(self, index: int) -> Step:
        shares = self._shares(self.plan[index])
        batches = []
        source_subwords = english_subwords = 0
        for share in shares:
            batches.append(self._batch(share, source_subwords, english_subwords))
            source_subwords += len(share.part.source.ids)
            english_subwords += len(share.part.english.ids)
        source = self._texts([share.part.source for share in shares])
        english = self._texts([share.part.english for share in shares])
        both, english_alone = self._inputs(source + english), self._inputs(english)
        subwords = sum(
            len(side.ids) for share in shares for side in (share.whole.source, share.whole.english)
        )
        return Step(index + 1, both, english_alone, batches, subwords)

    def _shares(self, planned: Mapping[str, np.ndarray]) -> list[_Share]:
        """Processes take turns over the sentence pairs of all languages of a step."""
        shares = []
        position = 0
        for language, numbers in planned.items():
            process_of = (position + np.arange(len(numbers))) % self.processes
            position += len(numbers)
            whole = self.splits[language].take(numbers)
            part = whole.take(np.flatnonzero(process_of == self.process))
            shares.append(_Share(whole, part, process_of))
        return shares

    def _batch(self, share: _Share, source_before: int, english_before: int) -> LanguageBatch:
        """The batch, where other languages' subwords come before on either side."""
        whole, part = share.whole, share.part
        special = SPECIAL_TOKENS if self.special_tokens else 0
        if self.unit == "sentences":
            source, english = self._sentences(part.source), self._sentences(part.english)
            pairs_by_sentence = np.ones(len(whole), np.int64)
        else:
            source, english = part.pairs()
            source, english = self._words(source, part.source), self._words(english, part.english)
            pairs_by_sentence = np.diff(whole.pair_bounds) + special
        context = self._words(part.english.words(), part.english)
        pairs_per_process = np.bincount(share.process_of, pairs_by_sentence, self.processes)
        return LanguageBatch(
            make_words(source.shifted(source_before)),
            make_words(english.shifted(english_before)),
            make_words(context.shifted(english_before)),
            pairs_per_process.astype(int).tolist(),
            len(whole.english.first) + special * len(whole),
        )

    def _words(self, words: Spans, side: Side) -> Spans:
        return with_special(words, side) if self.special_tokens else words

    def _sentences(self, side: Side) -> Spans:
        first, last = side.id_bounds[:-1], side.id_bounds[1:] - 1
        return Spans(first, last) if self.special_tokens else Spans(first + 1, last - 1)

    def _texts(self, sides: Iterable[Side]) -> list[np.ndarray]:
        """Subword ids of each sentence, in the compact vocabulary."""
        return [self.vocabulary(ids) for side in sides for ids in side.sentences()]

    def _inputs(self, texts: list[np.ndarray]) -> SentenceBatch:
        pad_id = self.vocabulary.model.config.pad_token_id or 0
        return make_inputs(texts, pad_id, sum(map(len, texts)) // PASSES_PER_STEP)


def used_ids(splits: Iterable[Split]) -> Iterable[np.ndarray]:
    """The subword ids of all sentences of some splits."""
    return (side.ids for split in splits for side in (split.source, split.english))
