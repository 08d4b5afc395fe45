"""Contextual alignment by fine-tuning: loss and regulariser of Cao et al. (2020), section 3.

Over a batch of word pairs (i in source sentence s, j in English sentence t), with the frozen
initial encoder f0:  L = |f(i, s) - f(j, t)|^2 and R = |f(j, t) - f0(j, t)|^2 over all words of t,
both as means, as in the authors' script; the loss of a step is the sum of L + weight R over the
languages, one batch of each.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from transformers import PreTrainedModel

from pipeline.errors import PipelineError
from pipeline.progress import progress
from pipeline.splits import Side, Spans, Split
from pipeline.vectors import (
    default_device,
    hidden_states,
    make_deterministic,
    pool,
    to_device,
    token_batches,
)
from pipeline.vocabulary import CompactVocabulary


@dataclass(frozen=True)
class Training:
    """`sentences` counts sentence pairs used per language, `batch_tokens` the subwords of both
    sides per language and step; `target` is live (f, the paper's formula) or frozen (f0, the
    authors' script)."""

    sentences: int
    batch_tokens: int
    epochs: int
    learning_rate: float
    warmup: float
    regularizer: float
    target: str
    special_tokens: bool
    dropout: bool
    seed: int


@dataclass(frozen=True)
class Batch:
    """Sentence pairs of one language: the words of the pairs, and all English words."""

    source_ids: list[np.ndarray]
    english_ids: list[np.ndarray]
    source_at: Spans
    english_at: Spans
    english_all: Spans


def align(model: PreTrainedModel, splits: Mapping[str, Split], training: Training) -> pd.DataFrame:
    """Fine-tune `model` in place on the training pairs of each language.

    `splits` holds the train split by language. Returns one row a step: step, loss (of
    the pairs) and regularizer, each summed over the languages. Raises PipelineError when a
    language has nothing to train on, or the loss is no longer finite.
    """
    for language, split in splits.items():
        if not len(split):
            raise PipelineError(
                f"align: {language} has no training sentences that no language holds out: "
                "lower pairs.test and pairs.dev or add a corpus"
            )
    make_deterministic(training.seed)
    to_device(model, default_device()).train(training.dropout)
    chosen = {language: split.head(training.sentences) for language, split in splits.items()}
    sides = (side for split in chosen.values() for side in (split.source, split.english))
    vocabulary = CompactVocabulary(model, (side.ids for side in sides))
    frozen = copy.deepcopy(model).train(False).requires_grad_(False)
    batches = {
        language: make_batches(split, vocabulary, training) for language, split in chosen.items()
    }
    history = _train(model, frozen, batches, training)
    vocabulary.restore()
    to_device(model, torch.device("cpu")).train(False)
    return history


def make_batches(split: Split, vocabulary: CompactVocabulary, training: Training) -> list[Batch]:
    """Batches of sentence pairs of similar length, longest first.

    Little is padding, and batches hold about equally many words, so that the mean over a batch
    gives each word pair the same weight.
    """
    lengths = (split.source.lengths() + split.english.lengths()).tolist()
    return [
        _batch(split.take(chosen), vocabulary, training.special_tokens)
        for chosen in token_batches(lengths, training.batch_tokens)
    ]


def schedule(sizes: Mapping[str, int], epochs: int, seed: int) -> Iterator[dict[str, int]]:
    """For each step, the batch of each language that takes part.

    An epoch has as many steps as the largest language has batches; smaller ones spread theirs
    evenly. Lengths match across languages, because all lists of batches are sorted by length.
    """
    random = np.random.default_rng(seed)
    steps = max(sizes.values())
    for _ in range(epochs):
        for position in random.permutation(steps):
            # The batches of a language with n of N batches fall on n of the N positions.
            yield {
                language: position * size // steps
                for language, size in sizes.items()
                if position * size % steps < size
            }


def losses(
    model: PreTrainedModel, frozen: PreTrainedModel, batches: list[Batch], target: str
) -> tuple[Tensor, Tensor]:
    """(L, R) of one step, scalars: means over pairs and words, summed over the batches.

    The live encoder sees the sentences of all languages and both sides in one pass.
    """
    source_ids = [ids for batch in batches for ids in batch.source_ids]
    english_ids = [ids for batch in batches for ids in batch.english_ids]
    hidden = hidden_states(model, source_ids + english_ids)
    source, english = hidden[: len(source_ids)], hidden[len(source_ids) :]
    with torch.no_grad():
        initial = hidden_states(frozen, english_ids)
    goal = initial if target == "frozen" else english
    row = 0
    loss = regularizer = hidden.new_zeros(())
    for batch in batches:
        rows = slice(row, row + len(batch.source_ids))
        words, translations = (
            pool(source[rows], batch.source_at),
            pool(goal[rows], batch.english_at),
        )
        loss = loss + mean_squared_distance(words, translations)
        now, before = (pool(each[rows], batch.english_all) for each in (english, initial))
        regularizer = regularizer + mean_squared_distance(now, before)
        row = rows.stop
    return loss, regularizer


def mean_squared_distance(left: Tensor, right: Tensor) -> Tensor:
    """Mean over rows of the squared Euclidean distance; both are [n, dimension]."""
    return (left - right).square().sum(dim=1).mean()


def _train(
    model: PreTrainedModel,
    frozen: PreTrainedModel,
    batches: Mapping[str, list[Batch]],
    training: Training,
) -> pd.DataFrame:
    sizes = {language: len(each) for language, each in batches.items()}
    steps = list(schedule(sizes, training.epochs, training.seed))
    optimizer = torch.optim.Adam(
        model.parameters(), lr=training.learning_rate, betas=(0.9, 0.98), eps=1e-9
    )
    warmup = max(1, round(training.warmup * len(steps)))
    history = []
    for step, chosen in enumerate(progress(steps, "align"), start=1):
        optimizer.param_groups[0]["lr"] = training.learning_rate * min(1.0, step / warmup)
        picked = [batches[language][index] for language, index in chosen.items()]
        loss, regularizer = losses(model, frozen, picked, training.target)
        optimizer.zero_grad()
        torch.autograd.backward(loss + training.regularizer * regularizer)
        optimizer.step()
        history.append((step, loss.item(), regularizer.item()))
        if not np.isfinite(history[-1]).all():
            raise PipelineError(
                f"align: the loss is {loss.item()} at step {step}: lower align.learning_rate"
            )
    return pd.DataFrame(history, columns=["step", "loss", "regularizer"])


def _batch(split: Split, vocabulary: CompactVocabulary, special_tokens: bool) -> Batch:
    source_at, english_at = split.pairs()
    english_all = split.english.words()
    if special_tokens:
        source_at = _with_special_tokens(source_at, split.source)
        english_at = _with_special_tokens(english_at, split.english)
        english_all = _with_special_tokens(english_all, split.english)
    source, english = (
        [vocabulary(ids) for ids in side.sentences()] for side in (split.source, split.english)
    )
    return Batch(source, english, source_at, english_at, english_all)


def _with_special_tokens(spans: Spans, side: Side) -> Spans:
    # [CLS] and [SEP] count as words that translate each other.
    lengths = side.lengths()
    rows = np.arange(len(lengths))
    row = np.concatenate([spans.row, rows, rows])
    special = [np.zeros_like(lengths), lengths - 1]
    return Spans(
        row, np.concatenate([spans.first, *special]), np.concatenate([spans.last, *special])
    )
