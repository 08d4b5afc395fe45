"""upgrade: keep the results of an earlier version whose code gives the same bytes as this one."""

from pathlib import Path

from dvc.repo import Repo, lock_repo

from pipeline.common.errors import PipelineError
from stages.code_changes import code_digest, only_code_changed
from stages.planning import reproduce_own
from stages.yaml_reader import load_yaml, read_text

# By step: digests of the code of earlier versions, whose outputs were compared byte for byte.
PROVEN = Path(__file__).with_name("proven.yaml")


def main() -> None:
    """Commit the stages of dvc.lock that ran with the code of an earlier, proven version.

    Nothing but the step own runs; dvc.lock gets the hashes of today's code. Stages with other
    changes are left.
    """
    if not Path("dvc.lock").is_file():
        raise PipelineError("upgrade: there is no dvc.lock here: run it where dvc repro has run")
    ran = load_yaml(read_text(Path("dvc.lock")), "dvc.lock")["stages"]
    proven = load_yaml(read_text(PROVEN), str(PROVEN))
    with Repo() as repo:
        reproduce_own(repo)  # earlier versions lack the step
        proven_names = [
            name
            for name, changes in repo.status().items()
            if name in ran
            and code_digest(ran[name]["deps"]) in proven.get(name.partition("@")[0], [])
            and only_code_changed(changes, ran[name]["deps"])
        ]
        with lock_repo(repo):  # as dvc commit --force, but reads and writes dvc.lock only once
            stages = [stage for stage in repo.index.stages if stage.addressing in proven_names]
            for stage in stages:
                stage.save()
                stage.commit()
            for file in {stage.dvcfile for stage in stages}:
                file.dump_stages(stages, update_pipeline=False)
        left = list(repo.status())
    print(f"upgrade: the results of {len(proven_names)} stages are kept", *proven_names, sep="\n  ")
    print(f"upgrade: {len(left)} stages are left for dvc repro", *left, sep="\n  ")
