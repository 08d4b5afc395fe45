"""What has changed since a stage ran: its code, or something else."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

CODE = ("pipeline/", "stages/")
OWN = "artifacts/own/"


def code_digest(deps: Iterable[Mapping[str, Any]]) -> str:
    """MD5 of the paths and hashes of the code among the dependencies of a stage in dvc.lock."""
    code = sorted((each["path"], each["md5"]) for each in deps if each["path"].startswith(CODE))
    return hashlib.md5("".join(f"{path} {md5}\n" for path, md5 in code).encode()).hexdigest()


def only_code_changed(changes: Iterable[Any], deps: Iterable[Mapping[str, Any]]) -> bool:
    """Whether what `dvc status` reports of a stage is changed code and nothing else.

    `deps` are its dependencies in dvc.lock. One more, the fingerprints of no files, is no change.
    """
    recorded = {dep["path"] for dep in deps}
    return all(
        isinstance(change, dict)
        and set(change) == {"changed deps"}
        and all(
            path.startswith(CODE) or (path not in recorded and _of_no_files(path))
            for path in change["changed deps"]
        )
        for change in changes
    )


def _of_no_files(path: str) -> bool:
    if not path.startswith(OWN):
        return False
    files = Path(path).rglob("*.json") if Path(path).is_dir() else [Path(path)]
    return all(json.loads(file.read_text("utf-8")) == {} for file in files)
