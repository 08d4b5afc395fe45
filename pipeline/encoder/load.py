"""Multilingual encoders as `save_pretrained` folders: loading and saving them."""

from collections.abc import Iterable
from inspect import signature
from logging import ERROR
from pathlib import Path
from typing import Any, cast

from transformers import (
    MODEL_MAPPING,
    AutoConfig,
    AutoModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from ..common.errors import PipelineError, first_line

logging.disable_progress_bar()  # type: ignore[no-untyped-call]

SHOWN_WEIGHTS = 3  # names of weights in an error message


def load_encoder(folder: Path) -> PreTrainedModel:
    """The encoder of a folder, in float32 and evaluation mode, without a pooling layer.

    Raises PipelineError if the model needs custom code, has a decoder, lacks weights or has some of
    another shape, and if it cannot be loaded at all.
    """
    verbosity = logging.get_verbosity()
    # Otherwise it prints an alarming table of superfluous weights (heads, the pooling layer).
    logging.set_verbosity(ERROR)
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        _refuse_decoders(folder, config)
        # Word vectors do not use the pooling layer, and some checkpoints lack its weights.
        model_class: Any = MODEL_MAPPING[type(config)]  # several classes for a few architectures
        pools = callable(model_class) and "add_pooling_layer" in signature(model_class).parameters
        options = {"add_pooling_layer": False} if pools else {}
        model, loaded = AutoModel.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype="float32",
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are refused below, by name
            **options,
        )
    except PipelineError:
        raise
    except Exception as error:  # transformers raises another class for each kind of fault
        raise PipelineError(f"{folder}: {_reason(error)}") from error
    finally:
        logging.set_verbosity(verbosity)
    _refuse_random_weights(folder, loaded)
    if hasattr(model.config, "auto_map"):
        del model.config.auto_map  # names code that is not saved with the model
    return cast(PreTrainedModel, model.train(False))


def save_encoder(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None, folder: Path
) -> None:
    """Write a folder that `AutoModel.from_pretrained` opens, with the same bytes each time."""
    model.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)


def _reason(error: Exception) -> str:
    if "trust_remote_code" in str(error):
        return "the model needs custom code, which is never run: choose another encoder"
    return f"cannot be loaded as an encoder ({first_line(error)}): check its files"


def _refuse_decoders(folder: Path, config: Any) -> None:
    if config.is_encoder_decoder or getattr(config, "is_decoder", False):
        kind = "an encoder-decoder" if config.is_encoder_decoder else "a decoder"
        raise PipelineError(
            f"{folder}: {config.model_type} is {kind}, whose vectors are not those of an encoder: "
            "choose an encoder such as XLM-R"
        )


def _refuse_random_weights(folder: Path, loaded: dict[str, Any]) -> None:
    """Refuse a model with weights that transformers filled with random numbers."""
    missing = sorted(name for name in loaded["missing_keys"] if not name.startswith("pooler."))
    wrong_shape = sorted(name for name, *_ in loaded["mismatched_keys"])
    if wrong_shape:
        raise PipelineError(
            f"{folder}: weights have another shape than config.json says: {_some(wrong_shape)}: "
            "check that both files are of the same model"
        )
    if not missing:
        return
    extra = loaded["unexpected_keys"]
    prefixes = {
        name.removesuffix(wanted) for wanted in missing for name in extra if name.endswith(wanted)
    }
    cause = (
        f"the file has them with the prefix {min(prefixes)!r}: save the wrapped model itself"
        if prefixes
        else "check that the checkpoint is complete and of this architecture"
    )
    raise PipelineError(f"{folder}: has no weights for {_some(missing)}: {cause}")


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - SHOWN_WEIGHTS} more" if len(names) > SHOWN_WEIGHTS else ""
    return ", ".join(names[:SHOWN_WEIGHTS]) + more
