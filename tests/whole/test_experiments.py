"""A sweep and a released model, by the commands of docs/experiments.md."""

import filecmp

import pandas as pd
import pytest
from clones import commit, copied, done


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    return copied(finished, tmp_path_factory.mktemp("experiments") / "project")


@pytest.mark.slow
def test_a_queued_sweep_becomes_the_curve(project, warm):
    sweep = (
        "-S",
        "align.defaults.sentences=4,8",
        "-S",
        "xnli.continual=[]",
        "-S",
        "xnli.translate_train=[]",
    )
    done(project, "dvc", "exp", "run", "--queue", *sweep)
    done(project, "dvc", "exp", "run", "--run-all", **warm)
    (project / "experiments.json").write_text(done(project, "dvc", "exp", "show", "--json"))
    done(project, "python", "-m", "stages", "curve", "experiments.json")
    rows = pd.read_csv(project / "curve" / "curve.csv")
    ours = rows[rows["series"] == "l2"]
    assert set(ours["sentences"]) == {0, 4, 8}
    assert set(ours["language"]) == {"en", "de", "fr", "mean of de, fr"}
    assert set(rows["series"]) == {"l2"}  # the paper has other data
    for measure, step in {"retrieval": "retrieval", "inference": "xnli"}.items():
        assert len(ours[ours["measure"] == measure]) == (9 if step == "retrieval" else 12)
    assert (project / "curve" / "curve.svg").read_text("utf-8").startswith("<svg")


def test_the_released_model_is_got_by_its_tag_from_a_clone_without_cache(project, tmp_path):
    done(project, "dvc", "remote", "add", "--default", "team", str(tmp_path / "remote"))
    done(project, "dvc", "push")
    commit(project)
    tag = ("tag", "--annotate", "aligned-encoder@v1.0.0", "--message", "first")
    done(project, "git", "-c", "user.name=a", "-c", "user.email=a@b", *tag)
    done(tmp_path, "git", "clone", "--quiet", str(project), "clone")
    done(tmp_path, "dvc", "artifacts", "get", "clone", "aligned-encoder", "--out", "encoder")
    release = project / "artifacts" / "release"
    names = sorted(path.name for path in release.iterdir())
    assert {"README.md", "config.json", "model.safetensors", "tokenizer.json"} <= set(names)
    assert sorted(path.name for path in (tmp_path / "encoder").iterdir()) == names
    for name in names:
        assert filecmp.cmp(release / name, tmp_path / "encoder" / name, shallow=False)
    aligned = project / "artifacts" / "align" / "l2" / "model.safetensors"
    assert filecmp.cmp(release / "model.safetensors", aligned, shallow=False)
    assert "| de → en |" in (release / "README.md").read_text("utf-8")
