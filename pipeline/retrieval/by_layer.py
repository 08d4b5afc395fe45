"""Retrieval at several layers of an encoder, whose vectors come from one pass over the text."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from transformers import PreTrainedModel

from ..encoder.layers import layer_numbers
from ..encoder.pair_arrays import Split
from ..encoder.rotation import rotate
from ..encoder.word_vectors import layer_vectors
from .csls import CPU, retrieve
from .results import Retrieved, direction_accuracies

LayerChoice = Sequence[int] | Literal["all"]


def measured_layers(model: PreTrainedModel, layers: LayerChoice) -> list[int]:
    """The numbers of `layers` and of the last layer, ascending and without repeats.

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
    """Source and English `layer_vectors` by layer, [n, dimension] each.

    `rotations` has the layers to compute; source vectors are rotated where it is not None.
    """
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
    """Retrieval by CSLS at the layers below the last one, by layer number; see `retrieve`.

    `sides` is as from `layer_sides`. Nearest rows are not kept: only the accuracy of these layers
    is reported.
    """
    below = sorted(sides)[:-1]
    return {
        layer: retrieve(*sides[layer], neighbours, similarities=["csls"], device=device)["csls"]
        for layer in below
    }


def layer_figures(
    results: Mapping[int, tuple[Retrieved, Retrieved]],
) -> dict[str, dict[str, float]]:
    """Accuracy @1 by layer: to_english, from_english and mean."""
    return {
        str(layer): direction_accuracies(directions)
        for layer, directions in sorted(results.items())
    }
