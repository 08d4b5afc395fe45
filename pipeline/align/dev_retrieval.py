"""Retrieval on the dev set during training: the series of a run, and when to stop it early."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor
from transformers import PreTrainedModel

from ..common.errors import PipelineError
from ..encoder.devices import device_of
from ..encoder.pair_arrays import Split
from ..encoder.word_vectors import pair_vectors
from ..retrieval.csls import retrieve
from .settings import AlignmentSettings

NEIGHBOURS = 10  # of CSLS
COLUMNS = ["step", "loss", "regularizer", "dev"]


class TrainingMonitor:
    """The series of a run, and its best weights so far if it may stop early.

    Retrieval on `dev`, one split per language in the subword ids of `model`, is measured on the
    highest trained layer, at every `every`-th step, or never if that is 0. The run stops after
    `patience` measurements without a gain, or never if that is 0.
    """

    def __init__(self, model: PreTrainedModel, dev: list[Split], every: int, patience: int) -> None:
        self.model, self.dev, self.every, self.patience = model, dev, every, patience
        self.rows: list[tuple[float, ...]] = []  # one per step, with the COLUMNS
        self.best = -1.0
        self.best_weights: dict[str, Tensor] = {}
        self.waited = 0
        self.start, self.subwords = time.monotonic(), 0

    def add(self, step: int, loss: float, regularizer: float, subwords: int) -> None:
        """Record a step, and measure dev retrieval if it is due."""
        self.subwords += subwords
        due = bool(self.dev and self.every) and step % self.every == 0
        began = time.monotonic()
        accuracy = dev_retrieval(self.model, self.dev) if due else float("nan")
        self.start += time.monotonic() - began  # the rate shown is that of training
        self.rows.append((step, loss, regularizer, accuracy))
        if due:
            self._compare(accuracy)

    def last(self) -> dict[str, float]:
        """The loss, regularizer and dev of the last step; dev is nan where it was not measured."""
        return dict(zip(COLUMNS[1:], self.rows[-1][1:], strict=True))

    def stopped(self) -> bool:
        """Whether dev retrieval has not risen for too long."""
        return 0 < self.patience <= self.waited

    def restore_best(self) -> None:
        """Give the model the weights of the best measurement, if it may stop early."""
        if self.best_weights:
            self.model.load_state_dict(self.best_weights)

    def status(self) -> str:
        """A line about the last step and the last measurement."""
        if not self.rows:
            return ""
        _, loss, regularizer, _ = self.rows[-1]
        rate = self.subwords / (time.monotonic() - self.start)
        status = f"loss {loss:.3g}, regularizer {regularizer:.3g}, {rate:,.0f} subwords/s"
        for *_, accuracy in reversed(self.rows):
            if not np.isnan(accuracy):
                return f"{status}, dev {accuracy:.3f}"
        return status

    def history(self) -> pd.DataFrame:
        """One row per step: step, loss, regularizer, and dev where it was measured."""
        return pd.DataFrame(self.rows, columns=COLUMNS).astype({"step": int})

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {name: getattr(self, name) for name in ("rows", "best", "best_weights", "waited")}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a checkpoint."""
        vars(self).update(state)

    def _compare(self, accuracy: float) -> None:
        if accuracy <= self.best:
            self.waited += 1
            return
        self.best, self.waited = accuracy, 0
        if self.patience:
            weights = self.model.state_dict()
            self.best_weights = {name: weight.cpu().clone() for name, weight in weights.items()}


def check_measurements(dev: Mapping[str, Split], settings: AlignmentSettings, steps: int) -> None:
    """Raise PipelineError if measuring will fail in a run of that many steps, or not stop it."""
    measures = bool(dev) and 0 < settings.dev_steps <= steps
    if settings.patience and not measures:
        raise PipelineError(
            f"align: patience {settings.patience} cannot stop a run of {steps} steps in which "
            f"dev_steps {settings.dev_steps} measures nothing: lower dev_steps or set patience to 0"
        )
    for language, split in dev.items():
        if measures and len(split.source_words) <= NEIGHBOURS:
            raise PipelineError(
                f"align: {language} has {len(split.source_words)} word pairs for measuring dev "
                f"retrieval, which needs more than {NEIGHBOURS}: raise pairs.dev or "
                "align.defaults.dev_sentences, or set dev_steps to 0"
            )


def dev_retrieval(model: PreTrainedModel, splits: list[Split]) -> float:
    """Mean CSLS accuracy of both directions of all splits."""
    training = model.training
    model.train(False)
    accuracies = []
    for split in splits:
        vectors = pair_vectors(model, split)
        results = retrieve(*vectors, NEIGHBOURS, similarities=["csls"], device=device_of(model))
        accuracies += [direction.accuracy() for direction in results["csls"]]
    model.train(training)
    return float(np.mean(accuracies))
