"""Killed or out of space: `dvc repro` ends in what an undisturbed run has."""

import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from clones import ROOT, copied, done, edit_params, ran, run

from pipeline.common.dvc_cache import cached_files, damaged

HOOKS = str(ROOT / "tests" / "hooks")
# One stage of every step, the last ones first: a forced stage loses its outputs when it is killed,
# and those before it need none of them. The stages of a line need nothing of each other. Those
# beside xnli read and write by the same code.
LATE = (
    ("release",),
    ("report",),
    ("analyses@de",),
    ("judge@de", "retrieval@l2", "xnli@l2-1"),
    ("align@l2",),
)
EARLY = (
    ("pairs@de",),
    ("word_align@de",),
    ("tokenize@de",),
    ("encoder", "download@de", "aligner", "nli"),
    ("own",),
)


def killed(project: Path, point: str, stages: tuple[str, ...], warm: dict[str, str]) -> None:
    """Force stages, each of which is killed at a point, and the other ones run on."""
    command = ("dvc", "repro", "--force", "--single-item", "--keep-going", *stages)
    result = run(project, *command, PYTHONPATH=HOOKS, KILL=point, **warm)
    assert set(ran(result.stdout)) == set(stages), result.stderr
    assert len(re.findall(r"exited with (-9|137)$", result.stderr, re.M)) == len(stages)


def killed_with_dvc(project: Path, point: str, stage: str, force: str = "--force") -> None:
    """Run a stage, and kill it and `dvc` together."""
    command = ("setsid", "--wait", "dvc", "repro", force, "--single-item", stage)
    result = run(project, *command, PYTHONPATH=HOOKS, KILL=f"{point}:group")
    assert result.returncode in (-9, 137), result.stdout + result.stderr


def leftovers(project: Path) -> list[Path]:
    hidden = [path for path in (project / "artifacts").rglob("*") if path.name.startswith(".")]
    return hidden + list((project / "artifacts" / "checkpoints").rglob("*.*"))


def recovers(project: Path) -> list[str]:
    """Stages that `dvc repro` runs to end in the lock file it began with, and in its hashes."""
    lock = done(project, "git", "show", "HEAD:dvc.lock")
    stages = ran(done(project, "dvc", "repro"))
    assert (project / "dvc.lock").read_text("utf-8") == lock
    assert "up to date" in done(project, "dvc", "status")
    assert done(project, "git", "status", "--short") == ""  # metrics.json is back, too
    assert leftovers(project) == []
    return stages


@pytest.fixture
def project(finished, tmp_path):
    """A finished project that does not remember runs which `dvc.lock` does not have."""
    folder = copied(finished, tmp_path / "project")
    shutil.rmtree(folder / ".dvc" / "cache" / "runs")
    return folder


def forget(project: Path, stages: tuple[str, ...]) -> set[str]:
    """Take outputs out of the cache: they must be made again, and cannot just be taken from it.

    Returns the stages that lose an output: others that made the same content lose it too.
    """
    lock = yaml.safe_load((project / "dvc.lock").read_text("utf-8"))["stages"]
    made = {stage: {out["md5"] for out in lock[stage]["outs"]} for stage in lock}
    digests = set.union(*(made[stage] for stage in stages))
    for digest in digests:
        (project / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]).unlink()
    return {stage for stage in lock if made[stage] & digests}


def kill_everywhere(
    project: Path, lines: tuple[tuple[str, ...], ...], warm: dict[str, str]
) -> None:
    named, lost = {stage for stages in lines for stage in stages}, set[str]()
    for stages in lines:
        lost |= forget(project, stages)
        # Before its first line one stage is like another, but for the kinds of its outputs.
        if stages in (lines[0], lines[-1]):
            killed_with_dvc(project, "start", stages[-1])
        killed(project, "reading", stages, warm)
        killed(project, "writing", stages, warm)
        assert leftovers(project) != []
    # A stage that lost its content with another has it back once the other ran.
    assert named <= set(recovers(project)) <= lost


def test_a_stage_killed_anywhere_runs_again_to_the_same_hashes(project, tmp_path, warm):
    projects = (project, copied(project, tmp_path / "other"))
    with ThreadPoolExecutor() as pool:
        list(pool.map(kill_everywhere, projects, (LATE, EARLY), (warm, warm)))


@pytest.mark.parametrize("point", ["written", "storing"])
def test_dvc_killed_before_outputs_are_stored_leaves_no_half_of_them(point, project, tmp_path):
    edit_params(project, lambda params: params["tokenize"].update(min_words=9))
    command = ("dvc", "repro", "--single-item", "tokenize@de")
    other = copied(project, tmp_path / "other")
    killed_with_dvc(project, point, "tokenize@de", force="--no-run-cache")
    for folder in (project, other):
        assert ran(done(folder, *command)) == ["tokenize@de"]
    assert (project / "dvc.lock").read_bytes() == (other / "dvc.lock").read_bytes()
    caches = [cached_files(folder / ".dvc" / "cache") for folder in (project, other)]
    names = [[path.name for path in files] for files in caches]
    assert names[0] == names[1]
    assert damaged(caches[0]) == []


@pytest.mark.parametrize("stage", [("tokenize", "de"), ("align", "l2")])
def test_a_full_disk_ends_in_one_line_and_the_old_artifact_stays(stage, project):
    folder = project.joinpath("artifacts", *stage)
    old = {path: path.read_bytes() for path in folder.iterdir()}
    limited = ("sh", "-c", 'ulimit -f 1; exec "$@"', "sh")  # one block a file, of 512 or 1024 bytes
    result = run(project, *limited, sys.executable, "-m", "stages", *stage)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert re.match(
        r"error: \S+: not written, file too large: free some space", result.stderr.splitlines()[-1]
    )
    assert {path: path.read_bytes() for path in folder.iterdir()} == old
    assert leftovers(project) == []


def test_half_an_artifact_goes_with_the_next_joint_step_if_its_own_need_not_run(project):
    (project / "artifacts" / "nli" / ".train.parquet.tmp").touch()
    (project / "artifacts" / ".report.tmp").mkdir()
    done(project, "python", "-m", "stages", "prune")
    assert leftovers(project) == []
    assert done(project, "git", "status", "--short") == ""
