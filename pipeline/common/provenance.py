"""The file beside a model's weights that says what made it: params, inputs, libraries."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .errors import PipelineError
from .files import write_json

FILE = "provenance.json"
# Those that a model's bytes depend on.
LIBRARIES = ("accelerate", "numpy", "safetensors", "tokenizers", "torch", "transformers")


def provenance(
    step: str, params: Mapping[str, Any], inputs: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    """What makes a model: blocks of params by name, hashes of the inputs by path or name, and more.

    The same for the same model: no time, and nothing of the machine but versions of LIBRARIES.
    """
    libraries = {name: version(name) for name in LIBRARIES}
    return {"step": step, "params": params, "inputs": inputs, "libraries": libraries, **more}


def write_provenance(folder: Path, content: Mapping[str, Any]) -> None:
    """Write it into the model's folder; keys are sorted at every level."""
    write_json(folder / FILE, json.loads(json.dumps(content, sort_keys=True)))


def read_provenance(folder: Path) -> dict[str, Any]:
    """What `write_provenance` wrote; raises PipelineError if there is no such file."""
    try:
        content: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PipelineError(
            f"{folder}: has no {FILE}: give the folder of a model, such as artifacts/align/l2, "
            "made by dvc repro or brought by dvc pull"
        ) from error
    return content
