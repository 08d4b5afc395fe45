"""The steps of alignment training: which sentence pairs, and as tensors, read when they are due."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.pair_arrays import Side, Spans, Split, with_special
from ..encoder.word_vectors import Inputs, Words, make_inputs, make_words, token_batches

PASSES = 4  # about as many a step, of similar lengths: .7 of a single one's subwords were real
Plan = list[dict[str, np.ndarray]]  # by step and language, the numbers of sentence pairs


class Part(NamedTuple):
    """One language's share in a step: what is compared, by number among a side's subwords.

    `rows` has the pairs of each process, `words` the number of English words in all.
    """

    source: Words
    english: Words
    context: Words
    rows: list[int]
    words: int


class Step(NamedTuple):
    """The sentences of a step, source before English, and English once more for the frozen
    encoder."""

    number: int
    both: Inputs
    english: Inputs
    parts: list[Part]
    subwords: int


def make_plan(
    splits: Mapping[str, Split], batch_tokens: int, epochs: int, interleave: str, seed: int
) -> Plan:
    """The sentence pairs of every step.

    A batch holds pairs of similar length of one language, at most `batch_tokens` subwords of
    both sides: little is padding, and batches hold about equally many words, so that the mean over
    a batch gives each word the same weight. By `interleave`:

    - each: a step has a batch of each language. An epoch has as many steps as the largest
      language has batches, and smaller ones spread theirs evenly. Lengths match across languages.
    - share: a step has one batch; languages take turns in proportion to their batches.
    """
    batches = {}
    for language, split in splits.items():
        lengths = split.source.lengths() + split.english.lengths()
        batches[language] = list(token_batches(lengths.tolist(), batch_tokens))
    sizes = {language: len(each) for language, each in batches.items()}
    random = np.random.default_rng(seed)
    epoch = _each(sizes) if interleave == "each" else _share(sizes)
    return [
        {language: np.array(batches[language][index]) for language, index in epoch[position]}
        for _ in range(epochs)
        for position in random.permutation(len(epoch))
    ]


def _each(sizes: Mapping[str, int]) -> list[list[tuple[str, int]]]:
    steps = max(sizes.values())
    # The batches of a language with n of N batches fall on n of the N positions.
    return [
        [(name, at * n // steps) for name, n in sizes.items() if at * n % steps < n]
        for at in range(steps)
    ]


def _share(sizes: Mapping[str, int]) -> list[list[tuple[str, int]]]:
    return [[(name, index)] for name, size in sizes.items() for index in range(size)]


class Steps(Dataset[Step]):
    """The part of each step that one of several processes computes."""

    def __init__(
        self,
        plan: Plan,
        splits: Mapping[str, Split],
        vocabulary: CompactVocabulary,
        *,
        sentences: bool = False,
        special_tokens: bool = True,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        """`sentences` compares whole sentences, not words; with `special_tokens` [CLS] and [SEP]
        are words too."""
        self.plan, self.splits, self.vocabulary = plan, splits, vocabulary
        self.sentences, self.special_tokens = sentences, special_tokens
        self.process, self.processes = process, processes

    def __len__(self) -> int:
        return len(self.plan)

    def __getitem__(self, index: int) -> Step:
        sides: tuple[list[np.ndarray], list[np.ndarray]] = [], []
        parts = []
        before, subwords, start = np.zeros(2, np.int64), 0, 0
        for language, rows in self.plan[index].items():
            split, turn = self.splits[language], (np.arange(len(rows)) + start) % self.processes
            start += len(rows)
            own = split.take(rows[turn == self.process])
            parts.append(self._part(split, own, rows, turn, before))
            for texts, side in zip(sides, (own.source, own.english), strict=True):
                texts += [self.vocabulary(ids) for ids in side.sentences()]
            before = before + np.array([len(own.source.ids), len(own.english.ids)])
            lengths = split.source.lengths() + split.english.lengths()
            subwords += int(lengths[rows].sum())
        source, english = sides
        both, once = (self._inputs(texts) for texts in (source + english, english))
        return Step(index + 1, both, once, parts, subwords)

    def _part(
        self, split: Split, own: Split, rows: np.ndarray, turn: np.ndarray, before: np.ndarray
    ) -> Part:
        special = self.special_tokens
        if self.sentences:
            source, english = (_whole(side, special) for side in (own.source, own.english))
            pairs = np.ones(len(rows), np.int64)
        else:
            source, english = own.pairs()
            pairs = np.diff(split.pair_bounds)[rows] + 2 * special
        if special and not self.sentences:
            source, english = with_special(source, own.source), with_special(english, own.english)
        context = own.english.words()
        if special:
            context = with_special(context, own.english)
        words = np.diff(split.english.word_bounds)[rows].sum() + 2 * special * len(rows)
        counts = np.bincount(turn, pairs, self.processes).astype(int).tolist()
        after_source, after_english = before
        return Part(
            make_words(source.shifted(after_source)),
            make_words(english.shifted(after_english)),
            make_words(context.shifted(after_english)),
            counts,
            int(words),
        )

    def _inputs(self, texts: list[np.ndarray]) -> Inputs:
        pad_id = self.vocabulary.model.config.pad_token_id or 0
        return make_inputs(texts, pad_id, sum(map(len, texts)) // PASSES)


def read_ahead(steps: Steps, start: int, workers: int) -> DataLoader[Step]:
    """The steps from `start` on, made by processes of their own where there are `workers`."""
    return DataLoader(
        steps,
        batch_size=None,
        sampler=range(start, len(steps)),
        num_workers=workers,
        collate_fn=_unchanged,  # the default would make tensors of the numbers
        pin_memory=torch.cuda.is_available(),
        generator=torch.Generator(),  # the default would draw from that of dropout at each start
    )


def _unchanged(step: Any) -> Any:
    return step


def _whole(side: Side, special: bool) -> Spans:
    first, last = side.id_bounds[:-1], side.id_bounds[1:] - 1
    return Spans(first, last) if special else Spans(first + 1, last - 1)


def used_ids(splits: Iterable[Split]) -> Iterable[np.ndarray]:
    """The subword ids of all sentences of some splits."""
    return (side.ids for split in splits for side in (split.source, split.english))
