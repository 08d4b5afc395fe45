"""Fine-tuning an encoder on natural language inference, and testing it."""

import sys
from collections.abc import Callable, Iterable, Mapping
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
from .classifier import Classifier, SentencePairs, accuracy, encode, predict
from .settings import FineTuningSettings


class AddedLoss(Protocol):
    """What else an encoder learns during fine-tuning, such as `continual.Replay`."""

    def ids(self) -> Iterable[np.ndarray]:
        """The subword ids that it reads."""

    def begin(
        self, model: PreTrainedModel, vocabulary: CompactVocabulary, device: torch.device
    ) -> None:
        """Take the encoder as it is now, and its vocabulary."""

    def __call__(self) -> Tensor:
        """What is added to the loss of the next step, a scalar."""


def in_language(examples: pd.DataFrame, language: str, split: str) -> pd.DataFrame:
    """The examples in a language; raises PipelineError if the split has none."""
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
    settings: FineTuningSettings,
    *,
    seed: int,
    added_loss: AddedLoss | None = None,
) -> tuple[Classifier, list[float]]:
    """A classifier trained on `train`, with the weights of its best epoch, and dev's accuracies.

    Both tables have columns premise, hypothesis and label. There is one accuracy per epoch; the
    best epoch has the highest (ties: the earliest). Raises PipelineError if training diverges.
    """
    make_deterministic(seed)
    dtype = compute_in(encoder, settings.precision, default_device())
    train_inputs = encode(train, tokenizer, encoder.config, settings.max_subwords)
    dev_inputs = encode(dev, tokenizer, encoder.config, settings.max_subwords)
    added_ids = added_loss.ids() if added_loss else []
    vocabulary = CompactVocabulary(encoder, [*train_inputs.ids, *dev_inputs.ids, *added_ids])
    train_inputs = train_inputs._replace(ids=[vocabulary(ids) for ids in train_inputs.ids])
    dev_inputs = dev_inputs._replace(ids=[vocabulary(ids) for ids in dev_inputs.ids])
    classifier = Classifier(encoder, dtype)
    if added_loss:
        added_loss.begin(encoder, vocabulary, default_device())
    best = _BestEpoch(classifier, dev_inputs, list(dev["label"]))
    rows = [{"row": row, "input_ids": ids} for row, ids in enumerate(train_inputs.ids)]
    with TemporaryDirectory() as folder:
        _Trainer(
            added_loss,
            model=classifier,
            args=_arguments(folder, settings, seed),
            data_collator=_collate(train_inputs, list(train["label"]), classifier.pad_id),
            train_dataset=rows,
            callbacks=[best],
        ).train()
    best.restore()
    vocabulary.restore()
    return classifier.train(False), best.accuracies


def _collate(
    inputs: SentencePairs, labels: list[str], pad_id: int
) -> Callable[..., dict[str, Tensor]]:
    numbers = torch.tensor([LABELS.index(label) for label in labels])

    def collate(batch: list[dict[str, Any]]) -> dict[str, Tensor]:
        rows = [example["row"] for example in batch]
        return {**inputs.batch(rows, pad_id), "labels": numbers[rows]}

    return collate


class _Trainer(Trainer):
    """Adds another loss to that of the task."""

    def __init__(self, added_loss: AddedLoss | None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.added_loss = added_loss

    def compute_loss(self, *arguments: Any, **options: Any) -> Any:
        """The loss of a batch; during training the Trainer asks for nothing else."""
        loss: Any = super().compute_loss(*arguments, **options)
        return loss + self.added_loss() if self.added_loss else loss


class _BestEpoch(TrainerCallback):
    """Accuracy on dev after every epoch, and the weights of the best one.

    Of equally good epochs the first one counts: it has moved least from the aligned encoder.
    """

    def __init__(self, classifier: Classifier, dev: SentencePairs, labels: list[str]) -> None:
        self.classifier, self.dev, self.labels = classifier, dev, labels
        self.accuracies: list[float] = []
        self.weights: dict[str, Tensor] = {}

    def on_epoch_end(self, *_: object, **__: object) -> None:
        """Measure the accuracy, and keep the weights if it is the highest so far."""
        logits = predict(self.classifier, self.dev)
        if not np.isfinite(logits).all():
            raise PipelineError(
                f"xnli: the logits after epoch {len(self.accuracies) + 1} are not finite: lower "
                "learning_rate"
            )
        dev_accuracy = accuracy(logits, self.labels)
        if dev_accuracy > max(self.accuracies, default=-1.0):
            weights = self.classifier.state_dict()
            self.weights = {name: weight.cpu().clone() for name, weight in weights.items()}
        self.accuracies.append(dev_accuracy)

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
    """Columns id, language, label, and the logits, each in a column named after its label.

    `rotations` are by language, see `predict`; `limit` is that of `encode`.
    """
    logits = np.empty((len(examples), len(LABELS)), np.float32)
    languages = examples["language"].to_numpy()
    for language in examples["language"].unique():
        rows = np.flatnonzero(languages == language)
        inputs = encode(examples.iloc[rows], tokenizer, classifier.encoder.config, limit)
        logits[rows] = predict(classifier, inputs, (rotations or {}).get(language))
    columns = {label: logits[:, number] for number, label in enumerate(LABELS)}
    return examples[["id", "language", "label"]].assign(**columns)


def figures(predicted: pd.DataFrame, dev: list[float]) -> dict[str, Any]:
    """Accuracy of `predictions` by language, on dev by epoch, and the number of the best epoch."""
    test = {
        str(language): accuracy(rows[list(LABELS)].to_numpy(), list(rows["label"]))
        for language, rows in predicted.groupby("language")
    }
    by_epoch = {str(epoch): dev_accuracy for epoch, dev_accuracy in enumerate(dev, start=1)}
    return {"epoch": dev.index(max(dev)) + 1, "dev": by_epoch, "test": test}


def _arguments(folder: str, settings: FineTuningSettings, seed: int) -> TrainingArguments:
    return TrainingArguments(
        output_dir=folder,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup,  # below 1: the share of all steps
        weight_decay=0.0,  # would shrink only those embeddings that the compact vocabulary has
        train_sampling_strategy="group_by_length",
        seed=seed,
        save_strategy="no",
        logging_steps=0.1,
        report_to="none",
        dataloader_pin_memory=default_device().type == "cuda",
        disable_tqdm=not sys.stderr.isatty(),
        remove_unused_columns=False,
    )
