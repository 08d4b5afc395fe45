"""How a method of alignment trains."""

from dataclasses import dataclass

import torch


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


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype | None:
    """What matrix products are computed in, None for the weights' own float32.

    auto is bfloat16 on a GPU that has it. A CPU keeps float32, so that all have the same result.
    """
    able = device.type == "cuda" and torch.cuda.is_bf16_supported()
    wanted = precision == "bfloat16" or (precision == "auto" and able)
    return torch.bfloat16 if wanted else None
