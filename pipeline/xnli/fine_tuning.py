"""Natural language inference on an encoder: fine-tune in one language, test in others."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedModel, Trainer, TrainerCallback, TrainingArguments

from ..common.errors import PipelineError
from ..encoder.compact_vocabulary import CompactVocabulary
from ..encoder.devices import default_device, make_deterministic
from ..encoder.precision import compute_in
from ..nli.labels import LABELS
from .classifier import Classifier, Inputs, accuracy, encode, predict


@dataclass(frozen=True)
class FineTuning:
    """`batch` counts examples; longer inputs are cut to `max_subwords`."""

    epochs: int
    batch: int
    learning_rate: float
    warmup: float
    precision: str
    max_subwords: int
    seed: int


class Beside(Protocol):
    """What else an encoder learns while it is fine-tuned, such as xnli.continual.Replay."""

    def ids(self) -> Iterable[np.ndarray]:
        """The subword ids that it reads."""

    def begin(
        self, model: PreTrainedModel, vocabulary: CompactVocabulary, device: torch.device
    ) -> None:
        """Take the encoder as it is now, with its vocabulary."""

    def __call__(self) -> Tensor:
        """What the next step adds to the loss, a scalar."""


def in_language(examples: pd.DataFrame, language: str, split: str) -> pd.DataFrame:
    """The examples of a language; raises PipelineError if the split has none."""
    rows = examples[examples["language"] == language].reset_index(drop=True)
    if rows.empty:
        raise PipelineError(
            f"xnli: no {split} examples in {language}: give translated data under nli in "
            f"params.yaml, or take {language} out of xnli.translate_train"
        )
    return rows


def fine_tune(
    encoder: PreTrainedModel,
    tokenizer: Tokenizer,
    train: pd.DataFrame,
    dev: pd.DataFrame,
    tuning: FineTuning,
    *,
    beside: Beside | None = None,
) -> tuple[Classifier, list[float]]:
    """A classifier trained on `train`, as it was after its best epoch, and dev's accuracies.

    Both frames have columns premise, hypothesis and label. The accuracies are one an epoch; the
    best is the first one of the highest. Raises PipelineError when the training diverges.
    """
    make_deterministic(tuning.seed)
    dtype = compute_in(encoder, tuning.precision, default_device())
    inputs, held = (
        encode(each, tokenizer, encoder.config, tuning.max_subwords) for each in (train, dev)
    )
    more = beside.ids() if beside else []
    vocabulary = CompactVocabulary(encoder, [*inputs.ids, *held.ids, *more])
    inputs, held = (
        each._replace(ids=[vocabulary(ids) for ids in each.ids]) for each in (inputs, held)
    )
    classifier = Classifier(encoder, dtype)
    if beside:
        beside.begin(encoder, vocabulary, default_device())
    best = _BestEpoch(classifier, held, list(dev["label"]))
    with TemporaryDirectory() as folder:
        _Trainer(
            beside,
            model=classifier,
            args=_arguments(folder, tuning),
            data_collator=_collate(inputs, list(train["label"]), classifier.pad_id),
            train_dataset=[{"row": row, "input_ids": ids} for row, ids in enumerate(inputs.ids)],
            callbacks=[best],
        ).train()
    best.restore()
    vocabulary.restore()
    return classifier.train(False), best.accuracies


def _collate(inputs: Inputs, labels: list[str], pad_id: int) -> Callable[..., dict[str, Tensor]]:
    numbers = torch.tensor([LABELS.index(label) for label in labels])

    def collate(batch: list[dict[str, Any]]) -> dict[str, Tensor]:
        rows = [each["row"] for each in batch]
        return {**inputs.batch(rows, pad_id), "labels": numbers[rows]}

    return collate


class _Trainer(Trainer):
    """Adds the loss of what is learnt beside to that of the task."""

    def __init__(self, beside: Beside | None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.beside = beside

    def compute_loss(self, *arguments: Any, **options: Any) -> Any:
        """The loss of a batch; the Trainer asks for nothing more while it trains."""
        loss: Any = super().compute_loss(*arguments, **options)
        return loss + self.beside() if self.beside else loss


class _BestEpoch(TrainerCallback):
    """Accuracy on dev after every epoch, and the weights of the best one.

    Of equally good epochs the first is kept: it has moved least from the aligned encoder.
    """

    def __init__(self, classifier: Classifier, dev: Inputs, labels: list[str]) -> None:
        self.classifier, self.dev, self.labels = classifier, dev, labels
        self.accuracies: list[float] = []
        self.weights: dict[str, Tensor] = {}

    def on_epoch_end(self, *_: object, **__: object) -> None:
        """Measure, and keep the weights if no epoch was as good."""
        logits = predict(self.classifier, self.dev)
        if not np.isfinite(logits).all():
            raise PipelineError(
                f"xnli: the logits after epoch {len(self.accuracies) + 1} are not finite: lower "
                "learning_rate"
            )
        found = accuracy(logits, self.labels)
        if found > max(self.accuracies, default=-1.0):
            state = self.classifier.state_dict()
            self.weights = {name: value.cpu().clone() for name, value in state.items()}
        self.accuracies.append(found)

    def restore(self) -> None:
        """Give the classifier the weights of the best epoch."""
        self.classifier.load_state_dict(self.weights)


def predictions(
    classifier: Classifier,
    tokenizer: Tokenizer,
    examples: pd.DataFrame,
    limit: int,
    rotations: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Columns id, language, label and the logits, one named after each label.

    `rotations` are by language, see `predict`; `limit` is that of `encode`.
    """
    logits = np.empty((len(examples), len(LABELS)), np.float32)
    languages = examples["language"].to_numpy()
    for language in examples["language"].unique():
        rows = np.flatnonzero(languages == language)
        inputs = encode(examples.iloc[rows], tokenizer, classifier.encoder.config, limit)
        logits[rows] = predict(classifier, inputs, (rotations or {}).get(language))
    named = {label: logits[:, column] for column, label in enumerate(LABELS)}
    return examples[["id", "language", "label"]].assign(**named)


def figures(found: pd.DataFrame, dev: list[float]) -> dict[str, Any]:
    """What `predictions` are worth: accuracy by tested language, and on dev by epoch."""
    test = {
        str(language): accuracy(rows[list(LABELS)].to_numpy(), list(rows["label"]))
        for language, rows in found.groupby("language")
    }
    epochs = {str(number): each for number, each in enumerate(dev, start=1)}
    return {"epoch": dev.index(max(dev)) + 1, "dev": epochs, "test": test}


def _arguments(folder: str, tuning: FineTuning) -> TrainingArguments:
    return TrainingArguments(
        output_dir=folder,
        num_train_epochs=tuning.epochs,
        per_device_train_batch_size=tuning.batch,
        learning_rate=tuning.learning_rate,
        warmup_steps=tuning.warmup,  # below 1: a share of all steps
        weight_decay=0.0,  # decay would shrink the rows that the compact vocabulary leaves out
        train_sampling_strategy="group_by_length",
        seed=tuning.seed,
        save_strategy="no",
        logging_steps=0.1,
        report_to="none",
        dataloader_pin_memory=default_device().type == "cuda",
        disable_tqdm=not sys.stderr.isatty(),
        remove_unused_columns=False,
    )
