"""Whether DVC sees a file."""

from collections.abc import Collection
from pathlib import Path

from pipeline.common.errors import PipelineError


def check_seen(paths: Collection[str]) -> None:
    """Raise PipelineError if DVC ignores one of these files, whose changes it would miss."""
    if not paths:
        return
    from dvc.repo import Repo  # slow to load

    with Repo() as repo:
        hidden = [
            path for path in paths if repo.dvcignore.is_ignored_file(str(Path(path).absolute()))
        ]
    if hidden:
        raise PipelineError(
            f"{hidden[0]}: DVC ignores it (because of .dvcignore or another DVC repository) "
            "and would miss its changes: rename or move it, or delete it if nothing needs it"
        )
