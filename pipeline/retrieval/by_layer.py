"""Retrieval at several layers of an encoder, whose vectors come from one pass over the text."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import torch
from transformers import PreTrainedModel

from ..encoder.layers import default_layer, layer_numbers
from .csls import CPU, retrieve
from .results import Retrieved, direction_accuracies
from .sentences import sentence_accuracies
from .vectors import Sides

LayerChoice = Sequence[int] | Literal["all"]


def measured_layers(model: PreTrainedModel, layers: LayerChoice) -> list[int]:
    """The numbers of `layers`, of the last layer and of the one that aligns words, ascending.

    Raises PipelineError for a layer that the model does not have.
    """
    last = model.config.num_hidden_layers
    if isinstance(layers, str):
        return list(range(last + 1))
    return sorted({*layer_numbers(model, layers), last, default_layer(last)})


def lower_layers(
    sides: Mapping[int, Sides], neighbours: int, device: torch.device = CPU
) -> dict[int, tuple[Retrieved, Retrieved]]:
    """Retrieval by CSLS at the layers below the last one, by layer number; see `retrieve`.

    Only accuracy @1 of these layers is reported, so ranks are not counted.
    """
    results = {}
    for layer in sorted(sides)[:-1]:
        found = retrieve(
            *sides[layer], neighbours, similarities=["csls"], ranked=False, device=device
        )
        results[layer] = found["csls"]
    return results


def layer_figures(
    words: Mapping[int, tuple[Retrieved, Retrieved]],
    sentences: Mapping[int, pd.DataFrame],
    gold: Mapping[int, Mapping[str, Mapping[str, float | int]]],
) -> dict[str, dict[str, Any]]:
    """What was measured at each layer, ascending.

    Keys of a layer: words (accuracy @1: to_english, from_english and mean), sentences (the same by
    similarity, from tables of `sentence_ranks`), gold (the error rates by gold set).
    """
    return {
        str(layer): {
            "words": direction_accuracies(words[layer]),
            "sentences": sentence_accuracies(sentences[layer]),
            "gold": dict(gold[layer]),
        }
        for layer in sorted(words)
    }
