"""How a method of alignment trains."""

import copy
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from pipeline.vectors import Encoder, to_device


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


def compute_in(model: PreTrainedModel, precision: str, device: torch.device) -> torch.dtype | None:
    """`autocast_dtype`, with a model set up for it."""
    dtype = autocast_dtype(precision, device)
    if dtype and device.type == "cpu":  # torch's fused attention is slower there: 2.6 to 3.8
        model.set_attn_implementation("eager")
    return dtype


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype | None:
    """What matrix products are computed in, None for the weights' own float32.

    auto is bfloat16 where the device has instructions for it.
    """
    wanted = precision == "bfloat16" or (precision == "auto" and _has_bfloat16(device))
    return torch.bfloat16 if wanted else None


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        able = torch.cpu.get_capabilities()
        return any(able.get(name) for name in ("avx512_bf16", "amx_bf16"))
    return False
