"""Results of an earlier version are kept where its code is proven to give the same bytes."""

import shutil

import pytest
import yaml
from clones import copied, done

from stages.code_changes import OWN, code_digest, only_code_changed


@pytest.fixture
def project(finished, tmp_path):
    """A project whose results were made by an earlier version: all code has changed since."""
    folder = copied(finished, tmp_path / "project")
    lock = yaml.safe_load((folder / "dvc.lock").read_text("utf-8"))["stages"]
    proven = {name.partition("@")[0]: [code_digest(stage["deps"])] for name, stage in lock.items()}
    del proven["report"], proven["release"], proven["own"]
    (folder / "stages" / "proven.yaml").write_text(yaml.safe_dump(proven))
    for top in ("pipeline", "stages"):
        for file in (folder / top).rglob("*.py"):
            file.write_text(file.read_text("utf-8") + "# a comment\n")
    return folder


def left(project):
    """Stages that the command kept, and those that it left."""
    kept, rest = done(project, "python", "-m", "stages", "upgrade").split("upgrade: ")[1:]
    return kept.split()[7:], rest.split()[7:]


def test_proven_stages_are_kept_and_only_the_others_are_left(project):
    before = yaml.safe_load((project / "dvc.lock").read_text("utf-8"))["stages"]
    kept, rest = left(project)
    assert sorted(kept) == sorted(set(before) - {"own", "report", "release"})
    assert sorted(rest) == ["release", "report"]
    after = yaml.safe_load((project / "dvc.lock").read_text("utf-8"))["stages"]
    assert {name: stage["outs"] for name, stage in after.items()} == {
        name: stage["outs"] for name, stage in before.items()
    }


def test_other_code_params_inputs_or_outputs_are_left_to_run(project):
    proven = yaml.safe_load((project / "stages" / "proven.yaml").read_text())
    proven["nli"] = ["0" * 32]
    (project / "stages" / "proven.yaml").write_text(yaml.safe_dump(proven))
    params = (project / "params.yaml").read_text("utf-8")
    (project / "params.yaml").write_text(params.replace("neighbours: 10", "neighbours: 9"))
    links = project / "artifacts" / "word_align" / "fr.txt"
    text = links.read_bytes()
    links.chmod(0o644)
    links.write_bytes(text + b"\n")
    kept, rest = left(project)
    assert {"download@fr", "tokenize@fr", "word_align@de", "pairs@de", "xnli@l2-1"} <= set(kept)
    assert {"nli", "word_align@fr", "pairs@fr", "retrieval@l2"} <= set(rest)


def test_results_of_a_version_without_the_step_own_are_kept_if_they_read_no_own_files(project):
    lock = yaml.safe_load((project / "dvc.lock").read_text("utf-8"))
    del lock["stages"]["own"]
    for stage in lock["stages"].values():
        stage["deps"] = [dep for dep in stage["deps"] if not dep["path"].startswith(OWN)]
    (project / "dvc.lock").write_text(yaml.safe_dump(lock))
    shutil.rmtree(project / "artifacts" / "own")
    kept, rest = left(project)
    assert {"aligner", "word_align@de", "judge@fr", "retrieval@l2", "nli"} <= set(kept)
    assert {"encoder", "download@de", "download@fr"} <= set(rest)
    assert "own" not in {*kept, *rest}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{"changed deps": {"pipeline/align": "new", "stages/align.py": "modified"}}], True),
        ([{"changed deps": {"params.yaml": {"align": "modified"}}}], False),
        ([{"changed deps": {"pipeline/align": "new", "artifacts/pairs": "modified"}}], False),
        ([{"changed deps": {"pipeline/align": "new"}}, {"changed outs": {"a": "deleted"}}], False),
        ([{"changed deps": {"pipeline/align": "new"}}, "changed command"], False),
    ],
)
def test_changed_code_alone_is_accepted(changes, expected):
    assert only_code_changed(changes, []) is expected


def test_fingerprints_of_no_files_are_no_change_if_there_were_none_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / OWN / "nli.json"
    path.parent.mkdir(parents=True)
    changes = [{"changed deps": {f"{OWN}nli.json": "modified", "pipeline/nli": "modified"}}]
    path.write_text("{}\n")
    assert only_code_changed(changes, [{"path": "pipeline/nli"}])
    assert not only_code_changed(changes, [{"path": f"{OWN}nli.json"}])
    path.write_text('{"own/nli.tsv": {}}\n')
    assert not only_code_changed(changes, [{"path": "pipeline/nli"}])
