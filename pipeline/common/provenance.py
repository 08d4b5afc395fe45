"""A file next to a model's weights that records params, inputs and library versions."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .errors import PipelineError
from .files import write_json

PROVENANCE_FILE = "provenance.json"
# The bytes of a model depend on the versions of these.
MODEL_LIBRARIES = ("accelerate", "numpy", "safetensors", "tokenizers", "torch", "transformers")


def provenance(
    step: str, params: Mapping[str, Any], inputs: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    """Describe how a model was made.

    `params` has blocks of params by name, `inputs` hashes by path or name; `more` is added as it
    is. To be the same for the same model, it holds no times, and of the machine only the versions
    of MODEL_LIBRARIES.
    """
    libraries = {name: version(name) for name in MODEL_LIBRARIES}
    return {"step": step, "params": params, "inputs": inputs, "libraries": libraries, **more}


def write_provenance(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the result of `provenance` to the model's folder, with keys sorted at every level."""
    write_json(folder / PROVENANCE_FILE, json.loads(json.dumps(content, sort_keys=True)))


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read what `write_provenance` wrote. Raises PipelineError if it is missing or damaged."""
    try:
        content: dict[str, Any] = json.loads((folder / PROVENANCE_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PipelineError(
            f"{folder}: has no {PROVENANCE_FILE}: give the folder of a model from dvc repro or "
            "dvc pull, such as artifacts/align/l2"
        ) from error
    return content
