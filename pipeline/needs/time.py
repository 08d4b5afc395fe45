"""The time that models take: subwords times weights, by the speed of this machine. Estimates.

Lengths were measured with the tokenizer of e5-small; the share of the speed that a model reaches,
in the default run on 2 cores.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ..align.settings import AlignmentSettings
from ..encoder.precision import autocast_dtype
from ..xnli.settings import FineTuningSettings

SENTENCE = 28  # subwords of one side of a sentence pair: mean of Hansards, English and French
EXAMPLE = 44  # subwords of an inference example: mean of MultiNLI
SAMPLE_EXAMPLE = 23  # the same in the hand-written sample
TRAINED = 3  # forward passes that one training step costs: the backward pass takes twice as long
EFFICIENCY = 0.5  # speed of a model, as a share of that of large matrix products
MEASURED_SECONDS = 0.3
# Names of the same sizes in different model families.
WIDTHS = ("hidden_size", "d_model", "dim", "emb_dim", "n_embd")
DEPTHS = ("num_hidden_layers", "num_layers", "n_layers", "n_layer")
INNER_WIDTHS = ("intermediate_size", "d_ff", "hidden_dim")


@dataclass(frozen=True)
class Reading:
    """What the model of one stage reads: subwords by forward passes, in a precision of params."""

    step: str
    subwords: float
    precision: str


def time_lines(
    readings: Sequence[Reading], config: Mapping[str, Any], device: torch.device
) -> list[str]:
    """A line for each step, and one on the speed that was measured; `config` is the encoder's."""
    weights = layer_weights(config)
    if not weights:
        return ["not known for an encoder with this configuration"]
    speeds = {}
    for precision in sorted({reading.precision for reading in readings}):
        dtype = autocast_dtype(precision, device) or torch.float32
        speeds[precision] = matrix_speed(device, dtype)
    times: dict[str, float] = {}
    for reading in readings:
        time_of_stage = seconds(reading.subwords, weights, speeds[reading.precision])
        times[reading.step] = times.get(reading.step, 0.0) + time_of_stage
    measured = " and ".join(f"{speed / 1e9:,.0f}" for speed in sorted(set(speeds.values())))
    return [
        *(f"{step}: {_duration(length)}" for step, length in times.items()),
        f"on one {device.type}, which multiplies matrices at {measured} GFLOP/s; other steps and "
        "downloads come on top",
    ]


def layer_weights(config: Mapping[str, Any]) -> int:
    """The weights of all layers of a transformer, without embeddings, by its configuration.

    0 if that names them otherwise.
    """
    width, depth = _first(config, WIDTHS), _first(config, DEPTHS)
    return depth * (4 * width**2 + 2 * width * _first(config, INNER_WIDTHS, 4 * width))


def aligned_subwords(settings: AlignmentSettings, pairs: Iterable[int]) -> float:
    """Subwords that a method's training reads, by forward passes; `pairs` are by language."""
    sentences = sum(min(settings.sentences, count) for count in pairs)
    frozen = settings.target == "frozen" or settings.regularizer == "output"  # of English
    return settings.epochs * sentences * SENTENCE * (2 * TRAINED + frozen)


def continued_subwords(
    alignment: AlignmentSettings, tuning: FineTuningSettings, train: int, languages: int
) -> float:
    """What alignment reads during fine-tuning: a batch per step and language."""
    steps = tuning.epochs * train / tuning.batch
    return TRAINED * steps * languages * alignment.batch_tokens


def tuned_subwords(
    settings: FineTuningSettings, length: int, train: int, dev: int, test: int
) -> float:
    """Subwords that fine-tuning and testing read, by forward passes, from numbers of examples.

    `length` is EXAMPLE or SAMPLE_EXAMPLE.
    """
    return length * (settings.epochs * (TRAINED * train + dev) + test)


def pair_subwords(sentences: int) -> float:
    """Subwords of both sides of so many sentence pairs."""
    return 2 * SENTENCE * sentences


def seconds(subwords: float, weights: int, speed: float) -> float:
    """The time for forward passes over subwords; `speed` is that of `matrix_speed`."""
    return 2 * weights * subwords / (EFFICIENCY * speed)


def matrix_speed(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations per second in products of large matrices on this device."""
    size = 1024 if device.type == "cpu" else 8192
    matrix = torch.ones(size, size, device=device, dtype=dtype)
    products, elapsed = 0, 0.0
    _finished(matrix @ matrix)  # starts the library
    start = time.perf_counter()
    while elapsed < MEASURED_SECONDS:
        _finished(matrix @ matrix)
        products, elapsed = products + 1, time.perf_counter() - start
    return products * 2 * size**3 / elapsed


def _duration(length: float) -> str:
    """Seconds for people."""
    return f"{length / 3600:.1f} h" if length >= 5400 else f"{length / 60:.1f} min"


def _finished(product: torch.Tensor) -> float:
    """Wait for a product: an accelerator computes while Python continues."""
    return product[0, 0].item()


def _first(config: Mapping[str, Any], names: Iterable[str], otherwise: int = 0) -> int:
    return next((int(config[name]) for name in names if config.get(name)), otherwise)
