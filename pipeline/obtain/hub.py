"""An encoder's files from the Hugging Face Hub, kept in its cache."""

import json
import re
from pathlib import Path

from huggingface_hub import HfApi, get_cached_repo_tree, snapshot_download
from huggingface_hub.errors import CachedRepoTreeNotFoundError

from ..common.errors import PipelineError
from ..fetch.hub.access import hub_access
from ..fetch.hub.blobs import damaged, drop

COMMIT = re.compile(r"[0-9a-f]{40}")
# Only safetensors of the weights: pickles run code when they are opened. transformers reads no
# others than model.safetensors or its shards; published folders have copies in other precisions.
PATTERNS = ["*.json", "model.safetensors", "model-*-of-*.safetensors", "*.txt", "*.model"]
SUBFOLDERS = "*/*"  # copies for other programs, such as onnx/ and openvino/


def hub_snapshot(name: str, revision: str) -> Path:
    """The folder in the hub's cache with the files of `name` at a commit.

    They are fetched if absent, or not as the checksums of the hub say.

    Raises PipelineError, with one line, if they cannot be fetched and if `revision` is no commit of
    40 hex digits.
    """
    if not COMMIT.fullmatch(revision):
        raise PipelineError(
            f"encoder.revision {revision!r}: is not a commit of 40 hex digits: branches and tags "
            "move, copy the commit from the model's history"
        )
    with hub_access(f"encoder {name!r} at {revision[:8]}", name):
        folder = _fetched(name, revision)
        try:
            get_cached_repo_tree(name, revision=revision)
        except CachedRepoTreeNotFoundError:
            # The hub could not be asked, so its client returns what another program has fetched.
            if not _is_complete(folder):
                list(HfApi().list_repo_tree(name, revision=revision))  # raises the reason
                folder = _fetched(name, revision)
        if broken := [file for file in folder.iterdir() if damaged(file)]:
            for file in broken:
                drop(file)
            folder = _fetched(name, revision)
    return folder


def _fetched(name: str, revision: str) -> Path:
    return Path(
        snapshot_download(
            name, revision=revision, allow_patterns=PATTERNS, ignore_patterns=SUBFOLDERS
        )
    )


def _is_complete(folder: Path) -> bool:
    """Whether the configuration and all weights are there."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        weights = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    else:
        weights = {"model.safetensors"}
    return all((folder / file).is_file() for file in {"config.json", *weights})
