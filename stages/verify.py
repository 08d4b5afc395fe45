"""verify: find damaged files in DVC's cache."""

import subprocess
import sys
from pathlib import Path

from pipeline.common.dvc_cache import cached_files, damaged
from pipeline.common.errors import PipelineError
from pipeline.common.files import remove


def main() -> None:
    """Read all files of DVC's cache and delete the damaged ones, so that DVC fetches them again."""
    command = [sys.executable, "-m", "dvc", "cache", "dir"]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        raise PipelineError("verify: `dvc cache dir` failed: run verify from the repository's root")
    files = cached_files(Path(result.stdout.strip()))
    damaged_files = damaged(files)
    for path in damaged_files:
        remove(path)
        print(f"{path}: damaged, deleted")
    if damaged_files:
        raise PipelineError(
            f"verify: {len(damaged_files)} of {len(files)} files of the cache were damaged: delete "
            "artifacts/ and data/, which may have copies; `dvc repro --pull` restores everything"
        )
    print(f"verify: all {len(files)} files of the cache are intact")
