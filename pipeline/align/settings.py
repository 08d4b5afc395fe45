"""How a method of alignment trains."""

import copy
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from ..encoder.devices import to_device
from ..encoder.precision import compute_in
from ..encoder.word_vectors import Encoder


@dataclass(frozen=True)
class Training:
    """How a method trains; params.yaml explains each field, under align.

    `sentences` counts sentence pairs a language, `batch_tokens` the subwords of both sides a
    language and step, `layers` from 0, the embeddings, or from -1, the last.
    """

    objective: str
    target: str
    temperature: float
    reduction: str
    regularizer: str
    regularizer_weight: float
    layers: list[int]
    special_tokens: bool
    dropout: bool
    sentences: int
    batch_tokens: int
    interleave: str
    epochs: int
    learning_rate: float
    warmup: float
    precision: str
    compile: bool
    dev_steps: int
    dev_sentences: int
    patience: int
    checkpoint_minutes: float
    seed: int


def live_and_frozen(
    model: PreTrainedModel, training: Training, device: torch.device
) -> tuple[Encoder, Encoder]:
    """The one that trains, and the frozen one, which stays as `model` is now."""
    dtype = compute_in(model, training.precision, device)
    to_device(model, device).train(training.dropout)
    initial = copy.deepcopy(model).train(False).requires_grad_(False)
    if training.compile:
        model.compile(dynamic=True)
        initial.compile(dynamic=True)
    live, frozen = (Encoder(each, training.layers, dtype) for each in (model, initial))
    return live, frozen
