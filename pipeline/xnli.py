"""Natural language inference on an encoder: fine-tune on English, test zero-shot everywhere."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import PreTrainedModel, Trainer, TrainingArguments

from pipeline.labels import LABELS
from pipeline.vectors import default_device, make_deterministic, pad, token_batches
from pipeline.vocabulary import CompactVocabulary


@dataclass(frozen=True)
class FineTuning:
    """`batch` counts examples; longer inputs are cut to `max_subwords`."""

    epochs: int
    batch: int
    learning_rate: float
    warmup: float
    max_subwords: int
    seed: int


class Classifier(nn.Module):
    """A linear layer on the first token of the last layer, as in Cao et al. (2020)."""

    def __init__(self, encoder: PreTrainedModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(getattr(encoder.config, "hidden_dropout_prob", 0.1))
        self.linear = nn.Linear(encoder.config.hidden_size, len(LABELS))

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        labels: Tensor | None = None,
        rotation: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Logits [examples, 3], and the mean cross-entropy where labels [examples] are given.

        `rotation` [dimension, dimension] is that of the examples' language.
        """
        output = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        first = output.last_hidden_state[:, 0]
        first = first if rotation is None else first @ rotation
        logits: Tensor = self.linear(self.dropout(first))
        if labels is None:
            return {"logits": logits}
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def subwords(examples: pd.DataFrame, tokenizer: Tokenizer, limit: int) -> list[np.ndarray]:
    """Ids of `[CLS] premise [SEP] hypothesis [SEP]`, the longer side cut first over `limit`."""
    tokenizer.enable_truncation(limit)
    texts = list(zip(examples.premise, examples.hypothesis, strict=True))
    return [np.array(each.ids, np.int64) for each in tokenizer.encode_batch(texts)]


def fine_tune(
    encoder: PreTrainedModel, tokenizer: Tokenizer, train: pd.DataFrame, tuning: FineTuning
) -> Classifier:
    """A classifier trained on examples with columns premise, hypothesis and label."""
    make_deterministic(tuning.seed)
    ids = subwords(train, tokenizer, tuning.max_subwords)
    pad_id = encoder.config.pad_token_id or 0
    vocabulary = CompactVocabulary(encoder, ids)
    classifier = Classifier(encoder)
    rows = [
        {"input_ids": vocabulary(each), "labels": LABELS.index(label)}
        for each, label in zip(ids, train.label, strict=True)
    ]

    def collate(batch: list[dict[str, np.ndarray | int]]) -> dict[str, Tensor]:
        input_ids, mask = pad([np.asarray(row["input_ids"]) for row in batch], pad_id)
        labels = torch.tensor([row["labels"] for row in batch])
        return {"input_ids": input_ids, "attention_mask": mask, "labels": labels}

    with TemporaryDirectory() as folder:
        arguments = _arguments(folder, tuning)
        Trainer(classifier, arguments, data_collator=collate, train_dataset=rows).train()
    vocabulary.restore()
    return classifier.eval()


@torch.inference_mode()
def predict(
    classifier: Classifier,
    tokenizer: Tokenizer,
    examples: pd.DataFrame,
    limit: int,
    rotation: np.ndarray | None = None,
) -> np.ndarray:
    """Logits, float32 [examples, 3], in the order of LABELS.

    `rotation` takes vectors of the examples' language to English ones, see pipeline.rotation.
    """
    device = default_device()
    classifier.to(device)
    ids = subwords(examples, tokenizer, limit)
    pad_id = classifier.encoder.config.pad_token_id or 0
    turn = None if rotation is None else torch.from_numpy(rotation).to(device)
    logits = np.empty((len(ids), len(LABELS)), np.float32)
    for batch in token_batches([len(each) for each in ids], budget=4096):
        input_ids, mask = pad([ids[index] for index in batch], pad_id)
        output = classifier(input_ids.to(device), mask.to(device), rotation=turn)
        logits[batch] = output["logits"].float().cpu().numpy()
    return logits


def accuracy(logits: np.ndarray, labels: Sequence[str]) -> float:
    """Share of examples whose largest logit is the label's."""
    return float(np.mean(logits.argmax(axis=1) == [LABELS.index(label) for label in labels]))


def _arguments(folder: str, tuning: FineTuning) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(Path(folder)),
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
