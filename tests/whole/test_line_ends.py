"""A clone has the bytes of the original, whatever git is configured to do with line ends."""

import shutil
from pathlib import Path

import pytest
from clones import commit, copied, done

from pipeline.common.dvc_cache import cached_files, damaged


def tracked(folder: Path) -> dict[str, bytes]:
    names = done(folder, "git", "ls-files", "-z").split("\0")[:-1]
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture
def project(finished, tmp_path):
    """The finished project, with a text of somebody's that has both kinds of line ends."""
    folder = copied(finished, tmp_path / "project")
    (folder / "tests" / "text" / "mixed.csv").write_bytes(b"source,english\r\nHund,dog\n")
    commit(folder)
    return folder


def test_a_clone_has_the_same_bytes_and_nothing_to_run(project, tmp_path):
    clone, setting = tmp_path / "clone", ("--config", "core.autocrlf=true")
    done(tmp_path, "git", "clone", "--quiet", *setting, str(project), str(clone))
    assert tracked(clone) == tracked(project)
    assert damaged(cached_files(clone / ".dvc" / "seed")) == []
    done(clone, "dvc", "pull", "data")
    shutil.copytree(project / ".dvc" / "cache", clone / ".dvc" / "cache", dirs_exist_ok=True)
    done(clone, "dvc", "checkout", "--quiet")
    assert "up to date" in done(clone, "dvc", "status")
    assert done(clone, "git", "status", "--short") == ""
    params = clone / "params.yaml"
    params.write_bytes(params.read_bytes().replace(b"\n", b"\r\n"))
    assert done(clone, "git", "status", "--short") == " M params.yaml\n"  # git sees what DVC hashes
