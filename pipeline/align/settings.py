"""The settings of a method of alignment, with their constraints."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ..common.constraints import (
    Distinct,
    Limits,
    Natural,
    OneOf,
    Positive,
    PositiveFloat,
    Rate,
    Seed,
    Share,
    Weight,
)
from .objectives import OBJECTIVES


@dataclass(frozen=True)
class AlignmentSettings:
    """One method: its block under `align` in params.yaml, where each field is explained.

    `sentences` counts sentence pairs per language, `batch_tokens` the subwords of both sides per
    language and step. `layers` count from 0, the embeddings, or from -1, the last layer.
    """

    objective: Annotated[str, OneOf(OBJECTIVES)]
    target: Literal["frozen", "live"]
    temperature: PositiveFloat
    reduction: Literal["mean", "sum"]
    regularizer: Literal["output", "weights", "none"]
    regularizer_weight: Weight
    layers: Annotated[list[int], Limits(min_length=1), Distinct()]
    special_tokens: bool
    dropout: bool
    sentences: Positive
    batch_tokens: Positive
    interleave: Literal["each", "share"]
    epochs: Positive
    learning_rate: Rate
    warmup: Share
    precision: Literal["auto", "float32", "bfloat16"]
    compile: bool
    dev_steps: Natural
    dev_sentences: Annotated[int, Limits(ge=2)]
    patience: Natural
    checkpoint_minutes: Weight
    seed: Seed
