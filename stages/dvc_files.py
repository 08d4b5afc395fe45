"""Files of any revision, from git, DVC's cache or its remote."""

import json
from functools import cache
from typing import Any

from dvc.api import DVCFileSystem

from pipeline.common.errors import PipelineError


def read_json(revision: str, path: str) -> Any:
    """The JSON file of a revision; None if it has none with this path.

    Raises PipelineError if it is an artifact that neither the cache nor a remote has.
    """
    files = _opened(revision)
    if not files.exists(path):
        return None
    try:
        return json.loads(files.read_text(path, encoding="utf-8"))
    except FileNotFoundError as error:
        raise PipelineError(
            f"{path}: neither DVC's cache nor a remote has it as of {revision[:7]}: get it with "
            "`dvc exp pull`, or run the experiment again"
        ) from error


@cache
def _opened(revision: str) -> DVCFileSystem:
    return DVCFileSystem(rev=revision)
