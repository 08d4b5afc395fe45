"""Everything that the step `retrieval` measures of one encoder in one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from ..encoder.devices import device_of
from ..encoder.pair_arrays import Split
from ..encoder.rotation import rotate
from ..encoder.word_vectors import pair_vectors
from ..word_align.encoder_aligner import EncoderAligner, gold_error_rates
from ..word_align.gold import Gold
from .by_layer import layer_figures, layer_sides, lower_layers
from .csls import retrieve
from .results import (
    Retrieved,
    accuracies_at_cutoffs,
    direction_accuracies,
    first_queries,
    neighbours,
    outcomes,
)
from .tsne_map import word_map
from .type_vectors import compare_with_types


@dataclass(frozen=True)
class EvaluatedEncoder:
    """An encoder with its tokenizer, and the rotation of the language at each measured layer.

    A rotation is None where the encoder has none. The last layer must be among the keys.
    """

    model: PreTrainedModel
    tokenizer: Tokenizer
    rotations: Mapping[int, np.ndarray | None]

    @property
    def last_rotation(self) -> np.ndarray | None:
        """The rotation at the last layer."""
        return self.rotations[max(self.rotations)]


@dataclass(frozen=True)
class EvaluationData:
    """What one language is evaluated on.

    Tables are of `pairs.word_pairs`. The training table begins with the pairs of `training` and may
    be longer.
    """

    test: Split
    test_pairs: pd.DataFrame
    training: Split  # sentences from which type vectors are computed
    training_pairs: pd.DataFrame
    gold: Mapping[str, Gold]  # word alignments, by name of the set


@dataclass(frozen=True)
class Evaluation:
    """Results: tables of `results` and `tsne_map`, and accuracies and error rates for JSON."""

    outcomes: pd.DataFrame
    neighbours: pd.DataFrame
    word_map: pd.DataFrame
    figures: dict[str, Any]
    summary: dict[str, float | int]


def evaluate(
    encoder: EvaluatedEncoder, data: EvaluationData, neighbour_count: int, special_tokens: bool
) -> Evaluation:
    """Retrieve the test words' translations, by layer and without context; align the gold sets.

    `neighbour_count` is k of CSLS. With `special_tokens`, [CLS] and [SEP] of the test sentences
    are candidates and queries too, but accuracies are of the words only. Raises PipelineError as
    `retrieve` does.
    """
    device = device_of(encoder.model)
    sides = layer_sides(encoder.model, data.test, encoder.rotations, special_tokens=special_tokens)
    last = max(sides)
    results = retrieve(*sides[last], neighbour_count, near=neighbour_count, device=device)
    words = len(data.test.source_words)
    of_words = first_queries(results, words)
    csls = of_words["csls"]
    lower = first_queries(lower_layers(sides, neighbour_count, device), words)
    figures = {
        "similarities": {name: accuracies_at_cutoffs(both) for name, both in of_words.items()},
        "layers": layer_figures({**lower, last: csls}),
        "with_special_tokens": direction_accuracies(results["csls"]) if special_tokens else None,
        "noncontextual": _without_context(encoder, data, csls, neighbour_count),
        "gold": _gold_rates(encoder, data.gold),
    }
    return Evaluation(
        outcomes(csls),
        neighbours(csls),
        word_map(data.test_pairs, *sides[last]),
        figures,
        {**direction_accuracies(csls), "words": words},
    )


def _without_context(
    encoder: EvaluatedEncoder,
    data: EvaluationData,
    contextual: tuple[Retrieved, Retrieved],
    neighbour_count: int,
) -> dict[str, Any]:
    source, english = pair_vectors(encoder.model, data.training)
    return compare_with_types(
        data.training_pairs.head(len(data.training.source_words)),
        (rotate(source, encoder.last_rotation), english),
        data.test_pairs,
        contextual,
        neighbours=neighbour_count,
        device=device_of(encoder.model),
    )


def _gold_rates(
    encoder: EvaluatedEncoder, gold_sets: Mapping[str, Gold]
) -> dict[str, dict[str, float | int]]:
    aligner = EncoderAligner(encoder.model, encoder.tokenizer, rotation=encoder.last_rotation)
    return {name: gold_error_rates(gold, aligner) for name, gold in gold_sets.items()}
