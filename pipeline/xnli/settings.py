"""The settings of fine-tuning on inference, with their constraints."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ..common.constraints import Limits, Positive, Rate, Share, Weight


@dataclass(frozen=True)
class FineTuningSettings:
    """The block `xnli.tuning` in params.yaml, where each field is explained.

    `batch` counts examples; inputs longer than `max_subwords` are cut.
    """

    epochs: Positive
    batch: Positive
    learning_rate: Rate
    warmup: Share
    precision: Literal["auto", "float32", "bfloat16"]
    max_subwords: Annotated[int, Limits(ge=8)]  # special tokens, and some words of each sentence
    checkpoint_minutes: Weight = 5.0
