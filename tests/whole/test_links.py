"""Artifacts as links: into the cache, which steps must not write through, and to another disk."""

import json
import os

import pytest
from clones import copied, done, edit_params, ran, run, run_step

from pipeline.common.dvc_cache import cached_files, damaged


@pytest.fixture
def project(finished, tmp_path):
    return copied(finished, tmp_path / "project")


def test_steps_replace_hard_links_and_leave_the_cache_alone(project, warm):
    """Root may write to read-only files, so a step that wrote through a link would succeed."""
    done(project, "dvc", "config", "--local", "cache.type", "hardlink")
    done(project, "dvc", "checkout", "--quiet", "--relink")
    links = project / "artifacts" / "tokenize" / "de" / "source.txt"
    assert links.stat().st_nlink > 1
    assert ran(done(project, "dvc", "repro")) == []
    edit_params(project, lambda params: params["download"].update(max_pairs=40))
    stages = ran(done(project, "dvc", "repro", "align@l2", **warm))
    assert {"tokenize@de", "word_align@de", "pairs@de", "align@l2"} <= set(stages)
    assert damaged(cached_files(project / ".dvc" / "cache")) == []
    assert ran(done(project, "dvc", "repro", "align@l2", **warm)) == []


@pytest.mark.parametrize("name", ["", "align"])
def test_a_folder_of_results_that_is_a_link_is_refused_before_the_work(
    name, project, tmp_path, warm
):
    """DVC would refuse it after the step."""
    folder = project / "artifacts" / name
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    result = run_step(project, warm, "tokenize", "de")
    assert result.returncode == 1
    assert result.stderr.startswith(
        f"error: {folder.relative_to(project)}: is a link to a folder, which DVC does not accept"
    )
    assert len(result.stderr.splitlines()) == 1


def test_checkpoints_may_be_on_another_disk(project, tmp_path, warm):
    (tmp_path / "elsewhere").mkdir()
    (project / "artifacts" / "checkpoints").symlink_to(tmp_path / "elsewhere")
    assert run_step(project, warm, "tokenize", "de").returncode == 0


def test_an_old_lock_of_dvc_is_removed_as_errors_md_says(project):
    lock = project / ".dvc" / "tmp" / "rwlock"
    holder = {"pid": os.getpid(), "cmd": "dvc repro"}
    lock.write_text(
        json.dumps({"write": {str(project / "artifacts" / "nli" / "dev.parquet"): holder}})
    )
    command = ("dvc", "repro", "--force", "--single-item", "nli")
    blocked = run(project, *command)
    assert blocked.returncode != 0
    assert "is busy, it is being blocked by" in blocked.stderr
    lock.unlink()
    assert ran(done(project, *command)) == ["nli"]
