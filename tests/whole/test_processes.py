"""Steps that a launcher starts several times: one process writes."""

import os
import shutil
import sys

import pytest
from clones import ROOT, edit_params, run, tiny
from launch import launched
from tiny import build

from pipeline.common.files import content_hash
from pipeline.common.provenance import write_provenance

HOOKS = ROOT / "tests" / "hooks"


@pytest.fixture
def project(tmp_path, encoder_folder):
    """The inputs of the step align."""
    artifacts = tmp_path / "artifacts"
    shutil.copytree(encoder_folder, artifacts / "encoder")
    write_provenance(artifacts / "encoder", {"step": "encoder"})
    for code in ("de", "fr"):
        for name, (split, _) in build(code, test=8, dev=4).items():
            (artifacts / "pairs" / code).mkdir(parents=True, exist_ok=True)
            split.save(artifacts / "pairs" / code / name)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    edit_params(tmp_path, tiny)
    edit_params(tmp_path, lambda params: params.update(methods=["base", "l2", "rotation"]))
    return tmp_path


def two_processes(project, warm, *step):
    """The processes that gave an artifact its name."""
    path = f"{ROOT}{os.pathsep}{HOOKS}"
    command = [warm["SHELL"], "python", "-m", "stages", *step]
    launched(project, 2, command, PYTHONPATH=path, WRITERS="writers")
    return set((project / "writers").read_text().split())


@pytest.mark.parametrize("method", ["base", "rotation", "l2"])
def test_alignment_is_written_once(project, warm, method):
    assert len(two_processes(project, warm, "align", method)) == 1
    made = project / "artifacts" / "align" / method
    if method == "base":
        assert content_hash(made) == content_hash(project / "artifacts" / "encoder")
    assert (made / "provenance.json").is_file()
    assert [*(project / "artifacts").rglob(".*")] == []


def test_a_step_that_shares_no_work_runs_once(project, warm):
    assert len(two_processes(project, warm, "aligner")) == 1
    assert (project / "artifacts" / "aligner" / "aligner.json").is_file()
    assert (project / "artifacts" / "usage" / "aligner.json").is_file()


def test_base_needs_no_slow_import(project):
    code = "import sys; from stages.align import main; main('base'); print('torch' in sys.modules)"
    printed = run(project, sys.executable, "-c", code, PYTHONPATH=str(ROOT)).stdout
    assert printed == "False\n"


@pytest.mark.parametrize("method", ["base", "rotation"])
def test_other_processes_of_slurm_write_nothing(project, warm, method):
    other = {"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2", "PYTHONPATH": str(ROOT)}
    ended = run(project, warm["SHELL"], "python", "-m", "stages", "align", method, **other)
    assert ended.returncode == 0, ended.stderr
    assert not (project / "artifacts" / "align").exists()


def test_training_that_srun_started_twice_is_refused_in_one_line(project, warm):
    first = {"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "2", "PYTHONPATH": str(ROOT)}
    ended = run(project, warm["SHELL"], "python", "-m", "stages", "align", "l2", **first)
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: 2 processes were started, which cannot share")
    assert ended.stderr.count("\n") == 1
