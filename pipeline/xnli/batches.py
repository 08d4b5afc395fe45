"""The steps of fine-tuning: which examples they have, and their tensors."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from .classifier import SentencePairs, label_numbers
from .settings import FineTuningSettings

# Batches are made of random groups of examples: larger groups have less padding, smaller ones mix
# the lengths more.
LARGEST_GROUP, FEWEST_GROUPS = 50, 4  # in batches; per epoch


class ExampleStep(NamedTuple):
    """This process's examples of a step, counted from 1.

    `inputs` are those of `SentencePairs.batch`, `labels` int64 [examples]. `share` is the part of
    the batch that this process has, so that the means over all processes' examples, times their
    shares, add up to the mean over the batch.
    """

    number: int
    inputs: dict[str, Tensor]
    labels: Tensor
    share: float


class ExampleSteps(Dataset[ExampleStep]):
    """All steps of a run, each made when it is due.

    Processes take turns over the examples of a batch, so each of them has long and short ones.
    """

    def __init__(
        self,
        inputs: SentencePairs,
        labels: Sequence[str],
        pad_id: int,
        settings: FineTuningSettings,
        seed: int,
        *,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        self.inputs, self.pad_id = inputs, pad_id
        self.labels = torch.from_numpy(label_numbers(labels))
        self.process, self.processes = process, processes
        lengths = np.array([len(ids) for ids in inputs.ids])
        self.batches = [
            batch
            for epoch in range(settings.epochs)
            for batch in length_grouped(
                lengths, settings.batch, np.random.default_rng([seed, epoch])
            )
        ]
        self.steps_per_epoch = len(self.batches) // settings.epochs
        longest = [lengths[batch].max() for batch in self.batches[: self.steps_per_epoch]]
        first = int(np.argmax(longest))  # if memory runs out, then at once
        self.batches[0], self.batches[first] = self.batches[first], self.batches[0]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> ExampleStep:
        batch = self.batches[index]
        own = batch[self.process :: self.processes]
        # A process without examples computes one that does not count, to stay in step.
        rows = own if len(own) else batch[:1]
        inputs = self.inputs.batch(rows.tolist(), self.pad_id)
        return ExampleStep(index + 1, inputs, self.labels[rows], len(own) / len(batch))


def length_grouped(
    lengths: np.ndarray, batch: int, random: np.random.Generator
) -> list[np.ndarray]:
    """An epoch: the numbers of all examples, in random batches of similar length.

    Every batch has `batch` examples, but for one that has the rest.
    """
    groups = max(1, min(LARGEST_GROUP, len(lengths) // (FEWEST_GROUPS * batch)))
    order = random.permutation(len(lengths))
    batches = []
    for start in range(0, len(order), groups * batch):
        group = order[start : start + groups * batch]
        group = group[np.argsort(-lengths[group], kind="stable")]
        batches += [group[first : first + batch] for first in range(0, len(group), batch)]
    random.shuffle(batches)
    return batches


def learning_rate(number: int, steps: int, settings: FineTuningSettings) -> float:
    """The rate at a step, counted from 1: a linear rise from 0, then a linear fall to 0.

    This is the schedule of Devlin et al. (2019), section A.2, as in transformers' Trainer.
    """
    warmup = math.ceil(settings.warmup * steps)
    before = number - 1
    factor = before / warmup if before < warmup else (steps - before) / (steps - warmup)
    return settings.learning_rate * factor
