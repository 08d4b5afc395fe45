"""A classifier of sentence pairs on an encoder: its inputs, its head and its predictions."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel

from ..encoder.devices import device_of
from ..encoder.word_vectors import pad, token_batches
from ..nli.labels import LABELS

PREDICTION_SUBWORDS = 4096  # classified at once, with their padding


class SentencePairs(NamedTuple):
    """Subword ids and token types of sentence pairs, int64 [subwords] per pair.

    `types` is None if the encoder knows only one type or its tokenizer marks none.
    """

    ids: list[np.ndarray]
    types: list[np.ndarray] | None

    def batch(self, rows: Sequence[int], pad_id: int) -> dict[str, Tensor]:
        """Some pairs under an encoder's names for them, int64 [pairs, longest], padded right."""
        input_ids, attention_mask = pad([self.ids[row] for row in rows], pad_id)
        tensors = {"input_ids": input_ids, "attention_mask": attention_mask}
        if self.types is not None:
            tensors["token_type_ids"], _ = pad([self.types[row] for row in rows], 0)
        return tensors

    def arrays(self) -> list[np.ndarray]:
        """All content, for a fingerprint."""
        return [np.array([len(ids) for ids in self.ids]), *self.ids, *(self.types or [])]


def encode(
    examples: pd.DataFrame, tokenizer: Tokenizer, config: PreTrainedConfig, limit: int
) -> SentencePairs:
    """`[CLS] premise [SEP] hypothesis [SEP]` of each example, for an encoder of this config.

    Over `limit` subwords the longer side is cut first.
    """
    tokenizer.enable_truncation(limit)
    texts = list(zip(examples.premise, examples.hypothesis, strict=True))
    encodings = tokenizer.encode_batch(texts)
    ids = [np.array(encoding.ids, np.int64) for encoding in encodings]
    types = [np.array(encoding.type_ids, np.int64) for encoding in encodings]
    typed = getattr(config, "type_vocab_size", 1) > 1 and any(row.any() for row in types)
    return SentencePairs(ids, types if typed else None)


class Classifier(nn.Module):
    """A linear layer on the first token of the last layer, as in Cao et al. (2020)."""

    def __init__(self, encoder: PreTrainedModel, dtype: torch.dtype | None = None) -> None:
        """`dtype` is that of the encoder's matrix products; None: float32."""
        super().__init__()
        self.encoder = encoder
        self.dtype = dtype
        self.dropout = nn.Dropout(getattr(encoder.config, "hidden_dropout_prob", 0.1))
        self.linear = nn.Linear(encoder.config.hidden_size, len(LABELS))

    @property
    def pad_id(self) -> int:
        """The subword that pads a batch."""
        return self.encoder.config.pad_token_id or 0

    def forward(self, rotation: Tensor | None = None, **inputs: Tensor) -> Tensor:
        """Logits [examples, 3].

        `inputs` are those of `SentencePairs.batch`; `rotation` [dimension, dimension] is that of
        the examples' language.
        """
        with torch.autocast(device_of(self).type, self.dtype, enabled=bool(self.dtype)):
            first = self.encoder(**inputs).last_hidden_state[:, 0]
        first = first.float()
        first = first if rotation is None else first @ rotation
        logits: Tensor = self.linear(self.dropout(first))
        return logits


@torch.inference_mode()
def predict(
    classifier: Classifier, inputs: SentencePairs, rotation: np.ndarray | None = None
) -> np.ndarray:
    """Logits without dropout, float32 [examples, 3], in the order of LABELS, on its device.

    `rotation` takes vectors of the examples' language to English ones, see encoder.rotation.
    """
    device = device_of(classifier)
    classifier.train(False)
    on_device = None if rotation is None else torch.from_numpy(rotation).to(device)
    logits = np.empty((len(inputs.ids), len(LABELS)), np.float32)
    for rows in token_batches([len(ids) for ids in inputs.ids], PREDICTION_SUBWORDS):
        batch = {
            name: tensor.to(device)
            for name, tensor in inputs.batch(rows, classifier.pad_id).items()
        }
        logits[rows] = classifier(**batch, rotation=on_device).cpu().numpy()
    return logits


def accuracy(logits: np.ndarray, labels: Sequence[str]) -> float:
    """Share of examples whose largest logit is that of the label."""
    return float(np.mean(logits.argmax(axis=1) == label_numbers(labels)))


def label_numbers(labels: Sequence[str]) -> np.ndarray:
    """The position of each label in LABELS, int64."""
    return np.array([LABELS.index(label) for label in labels])
