"""How many layers and positions an encoder has, from its config.json alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..common.errors import PipelineError

LAYER_KEYS = ("num_hidden_layers", "n_layers", "n_layer", "num_layers")
POSITION_KEYS = ("max_position_embeddings", "n_positions")
# Models that number positions from pad_token_id + 1, so that the first embeddings are never used.
POSITIONS_AFTER_PAD = (
    "camembert",
    "data2vec-text",
    "esm",
    "ibert",
    "lilt",
    "longformer",
    "luke",
    "markuplm",
    "mpnet",
    "roberta",
    "roberta-prelayernorm",
    "xlm-roberta",
    "xlm-roberta-xl",
    "xmod",
)


@dataclass(frozen=True)
class EncoderLimits:
    """The number of layers, and the most subwords that a sentence may have; None: any number."""

    layers: int
    positions: int | None

    def check_layers(self, layers: list[int], name: str) -> None:
        """Raise PipelineError if the encoder lacks one of the layers that `name` has."""
        wrong = [layer for layer in layers if not -self.layers - 1 <= layer <= self.layers]
        if wrong:
            raise PipelineError(
                f"{name} is {layers}, but the encoder has no layer {wrong[0]}: name layers from 0, "
                f"the embeddings, to {self.layers}, or from -1, the last one"
            )

    def check_length(self, subwords: int, name: str) -> None:
        """Raise PipelineError if `name` allows more subwords than the encoder has positions."""
        if self.positions is not None and subwords > self.positions:
            raise PipelineError(
                f"{name} is {subwords}, but the encoder reads at most {self.positions} subwords: "
                f"lower it to {self.positions}"
            )


def encoder_limits(config: Mapping[str, Any]) -> EncoderLimits:
    """The limits of an encoder with this config; PipelineError if it has no number of layers."""
    layers = next((config[key] for key in LAYER_KEYS if config.get(key) is not None), None)
    if layers is None:
        raise PipelineError(
            f"encoder: {config.get('model_type')} has no number of layers in config.json: choose "
            "another encoder"
        )
    positions = next((config[key] for key in POSITION_KEYS if config.get(key)), None)
    if positions is not None and config.get("model_type") in POSITIONS_AFTER_PAD:
        pad = config.get("pad_token_id")
        positions -= (1 if pad is None else pad) + 1
    return EncoderLimits(layers, positions)


def read_limits(folder: Path) -> EncoderLimits:
    """The limits of the encoder in a folder."""
    return encoder_limits(json.loads((folder / "config.json").read_text("utf-8")))
