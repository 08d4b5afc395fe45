"""Obtaining an encoder: the embedded one, a local folder, or a model of the Hugging Face Hub."""

import re
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from ..common.errors import PipelineError
from ..common.files import content_hash
from ..encoder.load import load_encoder
from . import e5_small

EMBEDDED = "e5-small"
COMMIT = re.compile(r"[0-9a-f]{40}")
# Only safetensors of the weights: pickles run code when they are opened.
PATTERNS = ["*.json", "*.safetensors", "*.txt", "*.model"]


def obtain_encoder(
    name: str, revision: str | None, cache: Path
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The encoder `name` in float32 with its fast tokenizer.

    `name` is e5-small, a local `save_pretrained` folder, or a Hugging Face name whose `revision`
    is a commit (40 hex digits). Raises PipelineError if it cannot be obtained, if its
    weights are not safetensors, and if it needs custom code.
    """
    if name == EMBEDDED:
        return e5_small.load_e5_small(cache)
    if revision is not None:
        folder = _snapshot(name, revision)
    elif (Path(name) / "config.json").is_file():
        folder = Path(name)
    else:
        raise PipelineError(
            f"encoder {name!r}: is neither {EMBEDDED}, nor a folder with a config.json, nor a "
            "Hugging Face name with its commit as encoder.revision: correct params.yaml"
        )
    if not list(folder.glob("*.safetensors")):
        raise PipelineError(f"encoder {name!r}: has no safetensors weights: convert it first")
    model = load_encoder(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if not tokenizer.is_fast:
        raise PipelineError(f"encoder {name!r}: has no fast tokenizer (tokenizer.json)")
    return model, tokenizer


def encoder_origin(name: str, revision: str | None) -> dict[str, Any]:
    """What `obtain_encoder` reads: `inputs`, a dict of hashes by name, and the `licence`."""
    if name == EMBEDDED:
        packages = (e5_small.WEIGHTS, e5_small.TOKENIZER)
        inputs = {str(package): f"sha256:{package.sha256}" for package in packages}
        return {"inputs": inputs, "licence": e5_small.LICENCE}
    if revision is not None:
        return {"inputs": {name: f"commit:{revision}"}, "licence": "see its model card on the hub"}
    return {"inputs": {name: content_hash(Path(name))}, "licence": "own files"}


def _snapshot(name: str, revision: str) -> Path:
    if not COMMIT.fullmatch(revision):
        raise PipelineError(
            f"encoder.revision {revision!r}: is not a commit of 40 hex digits: branches and tags "
            "move, copy the commit from the model's history"
        )
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=PATTERNS))
    except Exception as error:  # the hub's client raises a different class for each kind of failure
        reason = str(error).strip().splitlines()[0]
        raise PipelineError(
            f"encoder {name!r} at {revision[:8]}: not downloaded ({reason}): check the name, the "
            "commit and the network"
        ) from error
