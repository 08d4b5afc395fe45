"""A sweep and a released model, by the commands of docs/experiments.md."""

import filecmp
import json
import os

import pandas as pd
import pytest
import yaml
from clones import ROOT, commit, copied, done, run
from markdown import blocks

SHARING = (ROOT / "docs" / "sharing.md").read_text("utf-8")


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


@pytest.fixture(scope="module")
def released(project, tmp_path_factory):
    """A clone without a cache, of a project with a remote and a tag."""
    folder = tmp_path_factory.mktemp("released")
    done(project, "dvc", "remote", "add", "--default", "team", str(folder / "remote"))
    done(project, "dvc", "push")
    commit(project)
    tag = ("tag", "--annotate", "aligned-encoder@v1.0.0", "--message", "first")
    done(project, "git", "-c", "user.name=a", "-c", "user.email=a@b", *tag)
    done(folder, "git", "clone", "--quiet", str(project), "clone")
    return folder / "clone"


def test_the_released_model_is_got_by_its_tag_from_a_clone_without_cache(
    project, released, tmp_path
):
    get = ("dvc", "artifacts", "get", str(released), "aligned-encoder")
    done(tmp_path, *get, "--out", "encoder")
    release = project / "artifacts" / "release"
    names = sorted(path.name for path in release.iterdir())
    assert {"README.md", "config.json", "model.safetensors", "tokenizer.json"} <= set(names)
    assert sorted(path.name for path in (tmp_path / "encoder").iterdir()) == names
    for name in names:
        assert filecmp.cmp(release / name, tmp_path / "encoder" / name, shallow=False)
    aligned = project / "artifacts" / "align" / "l2" / "model.safetensors"
    assert filecmp.cmp(release / "model.safetensors", aligned, shallow=False)
    assert "| de → en |" in (release / "README.md").read_text("utf-8")


@pytest.fixture
def path(warm, tmp_path):
    """PATH with `dvc` in the warm shell, and with `gh`, which prints its arguments."""
    lines = {"dvc": f'exec {warm["SHELL"]} dvc "$@"', "gh": "echo gh $@"}
    for name, line in lines.items():
        (tmp_path / "bin" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.slow
def test_another_project_takes_what_sharing_says(released, tmp_path, path, monkeypatch, capsys):
    """The commands of the section, in their order, and its Python."""
    section = SHARING.partition("## From another project\n")[2].partition("\n## ")[0]
    *shell, code = (block.replace("REPOSITORY", str(released)) for block in blocks(section))
    got, imported = shell
    own = tmp_path / "own"
    done(tmp_path, "git", "init", "--quiet", str(own))
    (own / ".git" / "config").open("a").write("[user]\nname = a\nemail = a@b\n")
    done(own, "dvc", "init", "--quiet")
    done(own, "bash", "-ec", got, PATH=path)
    (own / "encoder").rename(own / "got")
    done(own, "bash", "-ec", imported, PATH=path)
    for name in ("config.json", "model.safetensors"):
        assert filecmp.cmp(own / "got" / name, own / "encoder" / name, shallow=False)
    monkeypatch.chdir(own)
    exec(code, {})
    words = json.loads((released / "metrics.json").read_text("utf-8"))["words"]
    printed = capsys.readouterr().out
    assert printed.startswith(f"{words}\n['base', 'l2']\n")
    assert "en → fr l2" in printed


@pytest.mark.slow
def test_the_workflow_checks_and_comments(released, tmp_path, path):
    """Its scripts as its host runs them, but for installing DVC and for the comment itself."""
    (flow,) = (block for block in blocks(SHARING) if block.startswith("name: results"))
    steps = yaml.safe_load(flow)["jobs"]["results"]["steps"]
    install, *scripts = (step["run"] for step in steps if "run" in step)
    assert install.startswith("pip install")
    folder = tmp_path / "ci"
    done(tmp_path, "git", "clone", "--quiet", str(released), str(folder))
    given = {"BASE": done(released, "git", "branch", "--show-current").strip(), "NUMBER": "7"}
    for script in scripts:
        printed = done(folder, "bash", "-ec", script, PATH=path, **given)
    assert printed.startswith("gh pr comment 7 ")
    assert "# Contextual alignment" in (folder / "comment.md").read_text("utf-8")
    (folder / "metrics.json").write_text("{}")
    assert run(folder, "bash", "-ec", scripts[1], PATH=path).returncode != 0
