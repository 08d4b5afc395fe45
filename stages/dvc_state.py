"""What DVC knows of this repository, for the command verify."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.utils import dict_sha256
from dvc.utils.serialize import load_yaml

from pipeline.common.errors import PipelineError, first_line


@dataclass(frozen=True)
class DvcState:
    """`outs` are all outputs; no stage makes those in `inputs`. The content of those in `changed`
    is not that of dvc.lock or of their .dvc file, as far as DVC notices, and of those in `spoiled`
    without it noticing: it reads a file again only if its time of change differs."""

    cache: Path
    outs: list[Path]
    inputs: set[Path]
    changed: set[Path]
    spoiled: set[Path]
    has_remote: bool


def read_state() -> DvcState:
    """Read all outputs; raises PipelineError with what DVC reports if that fails."""
    try:
        with Repo() as repo:
            outs = {Path(out.def_path): out for out in repo.index.outs}
            cache, remote = Path(repo.cache.legacy.path), repo.config["core"].get("remote")
            changed = {path for path, out in outs.items() if out.workspace_status()}
        with tempfile.TemporaryDirectory() as folder:  # DVC's record of what it read is empty there
            really_changed = _changed({"core": {"site_cache_dir": folder}})
    except DvcException as error:
        raise PipelineError(f"verify: DVC fails, {first_line(error)}: correct this") from error
    inputs = {path for path, out in outs.items() if not out.stage.cmd}
    return DvcState(cache, [*outs], inputs, changed, really_changed - changed, bool(remote))


def _changed(config: dict[str, Any]) -> set[Path]:
    with Repo(config=config) as repo:
        return {Path(out.def_path) for out in repo.index.outs if out.workspace_status()}


def is_run(path: Path) -> bool:
    """Whether a file of the run-cache has the content that its name, a hash, stands for."""
    try:
        return bool(dict_sha256(load_yaml(path), exclude=["size", "nfiles"]) == path.name)
    except (DvcException, OSError, TypeError, AttributeError):
        return False
