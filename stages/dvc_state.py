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
    """All outputs (`outs`); no stage makes those in `inputs`.

    DVC sees that `changed` differ from dvc.lock or their .dvc file. It misses this for `spoiled`,
    since it rereads a file only if its modification time differs.
    """

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
            outs = {_path(out): out for out in repo.index.outs}
            cache, remote = Path(repo.cache.legacy.path), repo.config["core"].get("remote")
            changed = {path for path, out in outs.items() if out.workspace_status()}
        with tempfile.TemporaryDirectory() as folder:  # DVC's record of what it read is empty there
            really_changed = _changed({"core": {"site_cache_dir": folder}})
    except DvcException as error:
        raise PipelineError(f"verify: DVC fails, {first_line(error)}: correct this") from error
    inputs = {path for path, out in outs.items() if not out.stage.cmd}
    return DvcState(cache, [*outs], inputs, changed, really_changed - changed, bool(remote))


def lost_inputs(state: DvcState) -> set[Path]:
    """The inputs that nothing could restore: not in the cache, and there is no remote for them."""
    with Repo() as repo:
        return {
            _path(out)
            for out in repo.index.outs
            if _path(out) in state.inputs
            and out.changed_cache()
            and not (out.remote or state.has_remote)
        }


def _path(out: Any) -> Path:
    """The path of an output; in a .dvc file it is relative to that file."""
    return Path(out.fs_path).relative_to(Path.cwd())


def _changed(config: dict[str, Any]) -> set[Path]:
    with Repo(config=config) as repo:
        return {_path(out) for out in repo.index.outs if out.workspace_status()}


def is_run(path: Path) -> bool:
    """Whether a file of the run-cache has the content that its name, a hash, stands for."""
    try:
        return bool(dict_sha256(load_yaml(path), exclude=["size", "nfiles"]) == path.name)
    except (DvcException, OSError, TypeError, AttributeError):
        return False
