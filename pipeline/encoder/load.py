"""Multilingual encoders as `save_pretrained` folders: loading and saving them."""

import inspect
import json
from pathlib import Path
from typing import cast

from safetensors import SafetensorError
from transformers import (
    MODEL_MAPPING,
    AutoConfig,
    AutoModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from ..common.errors import PipelineError

logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def load_encoder(folder: Path) -> PreTrainedModel:
    """The encoder of a folder, in float32 and evaluation mode, without a pooling layer.

    Raises PipelineError if the model needs custom code or cannot be loaded.
    """
    if "auto_map" in json.loads((folder / "config.json").read_text("utf-8")):
        raise PipelineError(
            f"{folder}: the model needs custom code, which is never run: choose another encoder"
        )
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        # Word vectors do not use the pooling layer, and some checkpoints lack its weights.
        parameters = inspect.signature(cast(type, MODEL_MAPPING[type(config)])).parameters
        options = {"add_pooling_layer": False} if "add_pooling_layer" in parameters else {}
        model: PreTrainedModel = AutoModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype="float32", **options
        )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0]
        raise PipelineError(
            f"{folder}: cannot be loaded as an encoder ({reason}): check its files"
        ) from error
    return cast(PreTrainedModel, model.train(False))


def save_encoder(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None, folder: Path
) -> None:
    """Write a folder that `AutoModel.from_pretrained` opens, with the same bytes each time."""
    model.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
