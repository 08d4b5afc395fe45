"""verify: find what a disk or a hand has damaged in DVC's cache."""

import subprocess
import sys
from pathlib import Path

from pipeline.common.dvc_cache import cached_files, damaged
from pipeline.common.errors import PipelineError
from pipeline.common.files import remove


def main() -> None:
    """Read all files of DVC's cache; damaged ones are deleted, so that `dvc` fetches them anew."""
    command = [sys.executable, "-m", "dvc", "cache", "dir"]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if told.returncode != 0:
        raise PipelineError("verify: `dvc cache dir` fails here: run it from the repository's root")
    files = cached_files(Path(told.stdout.strip()))
    found = damaged(files)
    for path in found:
        remove(path)
        print(f"{path}: damaged, deleted")
    if found:
        raise PipelineError(
            f"verify: {len(found)} of {len(files)} files of the cache were damaged: delete "
            "artifacts/ and data/, which may have them too; `dvc repro --pull` brings all back"
        )
    print(f"verify: all {len(files)} files of the cache are whole")
