"""upgrade: keep the results of an earlier version whose code gives the same bytes as this one."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dvc.repo import Repo, lock_repo

from pipeline.common.errors import PipelineError
from stages.yaml_reader import load_yaml, read_text

# By step: digests of the code of earlier versions, whose outputs were compared byte for byte.
PROVEN = Path(__file__).with_name("proven.yaml")
CODE = ("pipeline/", "stages/")


def main() -> None:
    """Commit the stages of dvc.lock that ran with the code of an earlier, proven version.

    Nothing runs; dvc.lock gets the hashes of today's code. Stages with other changes are left.
    """
    if not Path("dvc.lock").is_file():
        raise PipelineError("upgrade: there is no dvc.lock here: run it where dvc repro has run")
    ran = load_yaml(read_text(Path("dvc.lock")), "dvc.lock")["stages"]
    proven = load_yaml(read_text(PROVEN), str(PROVEN))
    with Repo() as repo:
        kept = [
            name
            for name, changes in repo.status().items()
            if name in ran
            and code_digest(ran[name]["deps"]) in proven.get(name.partition("@")[0], [])
            and only_code_changed(changes)
        ]
        with lock_repo(repo):  # as dvc commit --force, but reads and writes dvc.lock only once
            stages = [stage for stage in repo.index.stages if stage.addressing in kept]
            for stage in stages:
                stage.save()
                stage.commit()
            for file in {stage.dvcfile for stage in stages}:
                file.dump_stages(stages, update_pipeline=False)
        left = list(repo.status())
    print(f"upgrade: the results of {len(kept)} stages are kept", *kept, sep="\n  ")
    print(f"upgrade: {len(left)} stages are left for dvc repro", *left, sep="\n  ")


def code_digest(deps: Iterable[Mapping[str, Any]]) -> str:
    """MD5 of the paths and hashes of the code among the dependencies of a stage in dvc.lock."""
    code = sorted((each["path"], each["md5"]) for each in deps if each["path"].startswith(CODE))
    return hashlib.md5("".join(f"{path} {md5}\n" for path, md5 in code).encode()).hexdigest()


def only_code_changed(changes: Iterable[Any]) -> bool:
    """Whether what `dvc status` reports of a stage is changed code and nothing else."""
    return all(
        isinstance(change, dict)
        and set(change) == {"changed deps"}
        and all(path.startswith(CODE) for path in change["changed deps"])
        for change in changes
    )
