"""Retrieval at several layers of an encoder, whose vectors come from one pass over the text."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from transformers import PreTrainedModel

from ..encoder.pair_arrays import Split
from ..encoder.rotation import rotate
from ..encoder.word_vectors import layer_numbers, layer_vectors
from .csls import CPU, accuracies, retrieve
from .results import Retrieved

Layers = Sequence[int] | Literal["all"]


def measured_layers(model: PreTrainedModel, layers: Layers) -> list[int]:
    """The numbers of `layers`, ascending, once each, and always with the last one.

    Raises PipelineError for a layer that the model does not have.
    """
    last = model.config.num_hidden_layers
    if isinstance(layers, str):
        return list(range(last + 1))
    return sorted({*layer_numbers(model, layers), last})


def layer_sides(
    model: PreTrainedModel,
    split: Split,
    rotations: Mapping[int, np.ndarray | None],
    *,
    special_tokens: bool,
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """The `layer_vectors` by layer, source vectors rotated where the layer has a rotation."""
    vectors = layer_vectors(model, split, [*rotations], special_tokens=special_tokens)
    return {
        layer: (rotate(source, rotations[layer]), english)
        for layer, source, english in zip(rotations, *vectors, strict=True)
    }


def lower_layers(
    sides: Mapping[int, tuple[np.ndarray, np.ndarray]],
    neighbours: int,
    device: torch.device = CPU,
) -> dict[int, tuple[Retrieved, Retrieved]]:
    """What the layers below the last one find by CSLS, by their number; see `retrieve`.

    `sides` has by layer the source and English vectors, both [n, dimension], rotated if they are
    to be. Only what becomes an accuracy by layer is computed: the last layer is measured in full.
    """
    below = sorted(sides)[:-1]
    return {
        layer: retrieve(*sides[layer], neighbours, similarities=["csls"], device=device)["csls"]
        for layer in below
    }


def layer_figures(
    found: Mapping[int, tuple[Retrieved, Retrieved]],
) -> dict[str, dict[str, float]]:
    """Accuracy @1 by layer: to_english, from_english and mean."""
    return {str(layer): accuracies(directions) for layer, directions in sorted(found.items())}
