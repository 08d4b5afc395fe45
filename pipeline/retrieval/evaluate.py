"""Everything that the step `retrieval` measures of one encoder, language by language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from ..encoder.devices import device_of
from ..encoder.layers import default_layer
from ..encoder.pair_arrays import Split
from ..encoder.rotation import rotate
from ..encoder.word_vectors import pair_vectors, side_vectors
from ..word_align.encoder_aligner import EncoderAligner, error_rates_by_layer
from ..word_align.gold import Gold
from .by_layer import layer_figures, lower_layers
from .csls import retrieve
from .gold_words import gold_ranks
from .results import (
    DIRECTIONS,
    Retrieved,
    accuracies_at_cutoffs,
    direction_accuracies,
    first_queries,
    neighbours,
    outcomes,
)
from .sentences import sentence_ranks
from .shared_sentences import SharedSentences
from .tsne_map import word_map
from .type_vectors import compare_with_types
from .vectors import Rotations, Sides, SplitVectors


@dataclass(frozen=True)
class GoldSet:
    """Hand-aligned sentences, and their word pairs: a split and its table of `pairs.word_pairs`.

    The pairs are of the sure links.
    """

    gold: Gold
    split: Split
    pairs: pd.DataFrame


@dataclass(frozen=True)
class EvaluationData:
    """What one language is evaluated on.

    Tables are of `pairs.word_pairs`. The training table begins with the pairs of `training` and may
    be longer. `rotations` are those of the encoder in this language at each measured layer.
    """

    test: Split
    test_pairs: pd.DataFrame
    training: Split  # sentences from which type vectors are computed
    training_pairs: pd.DataFrame
    gold: Mapping[str, GoldSet]  # by name
    rotations: Rotations


@dataclass(frozen=True)
class Evaluation:
    """Results: tables by the name of their file, and accuracies and error rates for JSON."""

    tables: dict[str, pd.DataFrame]
    figures: dict[str, Any]
    summary: dict[str, float | int]


@dataclass(frozen=True)
class Evaluator:
    """An encoder to be evaluated at `layers`, the last one among them.

    `neighbours` is k of CSLS. With `special_tokens`, [CLS] and [SEP] of the test sentences are
    candidates and queries too, but accuracies are of the words only.
    """

    model: PreTrainedModel
    tokenizer: Tokenizer
    layers: Sequence[int]
    neighbours: int
    special_tokens: bool

    def evaluations(self, data: Mapping[str, EvaluationData]) -> Iterator[tuple[str, Evaluation]]:
        """Measure the languages one after another; English sentences are encoded once for all.

        Raises PipelineError as `retrieve` does.
        """
        encode = partial(side_vectors, self.model, layers=self.layers)
        last_only = partial(side_vectors, self.model, layers=self.layers[-1:])
        test = SharedSentences(encode, (each.test.english for each in data.values()))
        training = SharedSentences(last_only, (each.training.english for each in data.values()))
        for language, of_language in data.items():
            split = of_language.test
            vectors = SplitVectors(
                split, encode(split.source), test.vectors(split.english), self.layers
            )
            split = of_language.training
            typed = SplitVectors(
                split, last_only(split.source), training.vectors(split.english), self.layers[-1:]
            )
            yield language, self._evaluate(of_language, vectors, typed)

    def _evaluate(
        self, data: EvaluationData, vectors: SplitVectors, typed: SplitVectors
    ) -> Evaluation:
        device, last = device_of(self.model), self.layers[-1]
        sides = vectors.words(data.rotations, special_tokens=self.special_tokens)
        k, words = self.neighbours, len(data.test.source_words)
        results = retrieve(*sides[last], k, near=k, device=device)
        of_words = first_queries(results, words)
        csls = of_words["csls"]
        lower = first_queries(lower_layers(sides, k, device), words)
        of_sentences = vectors.sentences(data.rotations)
        sentences = {layer: sentence_ranks(*of_sentences[layer], device) for layer in self.layers}
        layers = layer_figures({**lower, last: csls}, sentences, self._error_rates(data))
        gold_layer = default_layer(last)
        figures = {
            "similarities": {name: accuracies_at_cutoffs(both) for name, both in of_words.items()},
            "layers": layers,
            "with_special_tokens": (
                direction_accuracies(results["csls"]) if self.special_tokens else None
            ),
            "noncontextual": self._without_context(data, typed.words(data.rotations)[last], csls),
            "gold": layers[str(gold_layer)]["gold"],
            "gold_layer": gold_layer,
        }
        test_words = sides[last][0][:words], sides[last][1][:words]
        tables = {
            "outcomes": outcomes(csls),
            "neighbours": neighbours(csls),
            "map": word_map(data.test_pairs, *sides[last]),
            "sentences": sentences[last],
            "gold": self._gold_words(data, test_words),
        }
        return Evaluation(tables, figures, {**direction_accuracies(csls), "words": words})

    def _without_context(
        self, data: EvaluationData, sides: Sides, contextual: tuple[Retrieved, Retrieved]
    ) -> dict[str, Any]:
        return compare_with_types(
            data.training_pairs.head(len(data.training.source_words)),
            sides,
            data.test_pairs,
            contextual,
            neighbours=self.neighbours,
            device=device_of(self.model),
        )

    def _gold_words(self, data: EvaluationData, test: Sides) -> pd.DataFrame:
        """The pairs of all gold sets with their `gold_ranks`; `set` names the set."""
        frames = [data.test_pairs.head(0).assign(set="", to_english_rank=0, from_english_rank=0)]
        for name, gold in data.gold.items():
            source, english = pair_vectors(self.model, gold.split)
            sides = rotate(source, data.rotations[self.layers[-1]]), english
            ranks = gold_ranks(sides, test, self.neighbours, device_of(self.model))
            frames.append(gold.pairs.assign(set=name).join(ranks))
        table = pd.concat(frames, ignore_index=True)
        return table.astype({f"{direction}_rank": np.int32 for direction in DIRECTIONS})

    def _error_rates(self, data: EvaluationData) -> dict[int, dict[str, dict[str, float | int]]]:
        aligner = EncoderAligner(self.model, self.tokenizer)
        rates: dict[int, dict[str, dict[str, float | int]]] = {layer: {} for layer in self.layers}
        for name, gold_set in data.gold.items():
            by_layer = error_rates_by_layer(gold_set.gold, aligner, data.rotations)
            for layer, of_layer in by_layer.items():
                rates[layer][name] = of_layer
        return rates
