"""Results of an earlier version are kept where its code is proven to give the same bytes."""

import pytest
import yaml
from clones import copied, done

from stages.upgrade import code_digest, only_code_changed


@pytest.fixture
def project(finished, tmp_path):
    """A project whose results were made by an earlier version: all code has changed since."""
    folder = copied(finished, tmp_path / "project")
    lock = yaml.safe_load((folder / "dvc.lock").read_text("utf-8"))["stages"]
    proven = {name.partition("@")[0]: [code_digest(stage["deps"])] for name, stage in lock.items()}
    del proven["report"], proven["release"]
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
    assert sorted(kept) == sorted(set(before) - {"report", "release"})
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
    assert {"nli", "word_align@fr", "pairs@fr", "retrieval@l2-de"} <= set(rest)


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
    assert only_code_changed(changes) is expected
