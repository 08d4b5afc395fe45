"""A file of a dataset on the Hugging Face Hub, in the hub's cache."""

import re
from functools import partial
from pathlib import Path

from huggingface_hub import hf_hub_download, try_to_load_from_cache

from ...common.errors import PipelineError
from ..sizes import Size
from .access import hub_access
from .blobs import damaged, drop

FILE = re.compile(r"([\w.-]+/[\w.-]+)@([0-9a-f]{40})/(.+)")


def fetch_file(noun: str, place: str) -> Path:
    """The path of the file ORG/NAME@COMMIT/PATH, fetched unless the cache has an intact copy.

    `noun` says in errors what the file is. Raises PipelineError.
    """
    repository, revision, file = parse_file(noun, place)
    with hub_access(f"{noun} 'hf:{place}'", f"datasets/{repository}"):
        fetch = partial(hf_hub_download, repository, file, repo_type="dataset", revision=revision)
        path = Path(fetch())
        if damaged(path):
            drop(path)
            path = Path(fetch())
    return path


def file_size(noun: str, place: str) -> Size:
    """The size of such a file, and what `fetch_file` would fetch of it."""
    repository, revision, file = parse_file(noun, place)
    with hub_access(f"{noun} 'hf:{place}'", f"datasets/{repository}"):
        options = {"repo_type": "dataset", "revision": revision}
        if isinstance(cached := try_to_load_from_cache(repository, file, **options), str):
            return Size(Path(cached).stat().st_size, 0)
        found = hf_hub_download(
            repository, file, repo_type="dataset", revision=revision, dry_run=True
        )
    return Size(found.file_size, found.file_size)


def parse_file(noun: str, place: str) -> tuple[str, str, str]:
    """Repository, commit and path of ORG/NAME@COMMIT/PATH; raises PipelineError if malformed."""
    match = FILE.fullmatch(place)
    if not match:
        raise PipelineError(
            f"{noun} 'hf:{place}': write hf:ORG/NAME@COMMIT/PATH with a commit of 40 hex digits"
        )
    repository, revision, file = match.groups()
    return repository, revision, file
