"""An encoder's files from the Hugging Face Hub, kept in its cache."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

from huggingface_hub import (
    HfApi,
    get_cached_repo_tree,
    hf_hub_download,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.errors import CachedRepoTreeNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils._paths import filter_repo_objects

from ..common.errors import PipelineError
from ..fetch.hub.access import hub_access
from ..fetch.hub.blobs import damaged, drop
from ..fetch.sizes import Size

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
    check_commit(revision)
    with hub_access(_shown(name, revision), name):
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


def cached_snapshot(name: str, revision: str) -> Path | None:
    """The folder that `hub_snapshot` gives, if the cache has all of it."""
    config = try_to_load_from_cache(name, "config.json", revision=revision)
    folder = Path(config).parent if isinstance(config, str) else None
    return folder if folder and _is_complete(folder) else None


def weight_count(name: str, revision: str) -> int | None:
    """The number of weights of an encoder on the hub; None if its files do not tell."""
    try:
        with hub_access(_shown(name, revision), name):
            metadata = HfApi().get_safetensors_metadata(name, revision=revision)
    except PipelineError:
        return None
    return sum(metadata.parameter_count.values())


def hub_config(name: str, revision: str) -> dict[str, Any]:
    """The configuration of an encoder on the hub; raises PipelineError as `hub_snapshot` does."""
    with hub_access(_shown(name, revision), name):
        path = Path(hf_hub_download(name, "config.json", revision=revision))
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def snapshot_size(name: str, revision: str) -> Size:
    """The size of the files that `hub_snapshot` gives, and what it would fetch of them.

    Raises PipelineError as it does.
    """
    check_commit(revision)
    if folder := cached_snapshot(name, revision):
        return Size(sum(file.stat().st_size for file in folder.iterdir()), 0)
    cached = partial(try_to_load_from_cache, name, revision=revision)
    with hub_access(_shown(name, revision), name):
        listed = [
            file
            for file in HfApi().list_repo_tree(name, revision=revision)
            if isinstance(file, RepoFile)
        ]
    read = list(filter_repo_objects(listed, allow_patterns=PATTERNS, key=lambda file: file.path))
    missing = sum(file.size for file in read if not isinstance(cached(file.path), str))
    return Size(sum(file.size for file in read), missing)


def _fetched(name: str, revision: str) -> Path:
    return Path(
        snapshot_download(
            name, revision=revision, allow_patterns=PATTERNS, ignore_patterns=SUBFOLDERS
        )
    )


def check_commit(revision: str) -> None:
    """Raise PipelineError unless the revision of an encoder is a commit."""
    if not COMMIT.fullmatch(revision):
        raise PipelineError(
            f"encoder.revision {revision!r}: is not a commit of 40 hex digits: branches and tags "
            "move, copy the commit from the model's history"
        )


def _shown(name: str, revision: str) -> str:
    return f"encoder {name!r} at {revision[:8]}"


def _is_complete(folder: Path) -> bool:
    """Whether the configuration and all weights are there."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        weights = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    else:
        weights = {"model.safetensors"}
    return all((folder / file).is_file() for file in {"config.json", *weights})
