"""Obtaining an encoder: the embedded one, a local folder, or a model of the Hugging Face Hub."""

from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from ..common.errors import PipelineError
from ..common.files import content_hash
from ..encoder.load import load_encoder
from . import e5_packages, e5_small
from .checks import check_encoder
from .hub import hub_snapshot
from .names import EMBEDDED
from .tokenizer_files import published_tokenizer


def obtain_encoder(
    name: str, revision: str | None, cache: Path
) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """The encoder `name` in float32 with its fast tokenizer.

    `name` is e5-small, a local `save_pretrained` folder, or a Hugging Face name whose `revision`
    is a commit (40 hex digits). Raises PipelineError if it cannot be obtained, if its weights are
    not safetensors, if it needs custom code, and if `check_encoder` finds a fault.
    """
    model: PreTrainedModel
    if name == EMBEDDED:
        model, tokenizer = e5_small.load_e5_small(cache)
    else:
        folder = _folder(name, revision)
        model, tokenizer = load_encoder(folder), published_tokenizer(folder)
    check_encoder(model, tokenizer.backend_tokenizer, name)
    return model, tokenizer


def encoder_origin(name: str, revision: str | None) -> dict[str, Any]:
    """What `obtain_encoder` reads: `inputs`, a dict of hashes by name, and the `licence`."""
    if name == EMBEDDED:
        packages = (e5_packages.WEIGHTS, e5_packages.TOKENIZER)
        inputs = {str(package): f"sha256:{package.sha256}" for package in packages}
        return {"inputs": inputs, "licence": e5_packages.LICENCE}
    if revision is not None:
        return {"inputs": {name: f"commit:{revision}"}, "licence": "see its model card on the hub"}
    return {"inputs": {name: content_hash(Path(name))}, "licence": "own files"}


def _folder(name: str, revision: str | None) -> Path:
    if revision is not None:
        folder = hub_snapshot(name, revision)
    elif (Path(name) / "config.json").is_file():
        folder = Path(name)
    else:
        raise PipelineError(
            f"encoder {name!r}: is neither {EMBEDDED}, nor a folder with a config.json, nor a "
            "Hugging Face name with its commit as encoder.revision: correct params.yaml"
        )
    if not list(folder.glob("*.safetensors")):
        raise PipelineError(
            f"encoder {name!r}: has no safetensors weights; other formats can run code when they "
            "are opened: convert them, see docs/errors.md"
        )
    return folder
