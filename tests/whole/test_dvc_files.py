"""Files of a revision, in a small repository."""

import shutil

import pytest
from dvc.repo import Repo
from scmrepo.git import Git

from pipeline.common.errors import PipelineError
from stages.dvc_files import read_json


@pytest.fixture
def revision(tmp_path, monkeypatch):
    """The commit of a file in git and one in DVC, both of which have changed since."""
    monkeypatch.chdir(tmp_path)
    Git.init(str(tmp_path)).close()
    with (tmp_path / ".git" / "config").open("a") as config:
        config.write("[user]\nname = a\nemail = a@b\n")
    (tmp_path / "metrics.json").write_text('{"words": 1}')
    (tmp_path / "mean.json").write_text('{"mean": "ä"}', "utf-8")
    with Repo.init() as repo:
        repo.add(["mean.json"])
        repo.scm.add(["metrics.json", "mean.json.dvc", ".gitignore"])
        repo.scm.commit("first", no_verify=True)
        revision = repo.scm.get_rev()
    for name in ("metrics.json", "mean.json"):
        (tmp_path / name).write_text("{}")
    return revision


def test_files_are_those_of_the_revision(revision, tmp_path):
    assert read_json(revision, "metrics.json") == {"words": 1}
    assert read_json(revision, "mean.json") == {"mean": "ä"}
    assert read_json(revision, "other.json") is None
    shutil.rmtree(tmp_path / ".dvc" / "cache")
    with pytest.raises(PipelineError, match=r"mean\.json: neither DVC's cache nor a remote has it"):
        read_json(revision, "mean.json")
