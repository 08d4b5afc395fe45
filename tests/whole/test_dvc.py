"""The real `dvc` on the whole pipeline, in temporary clones with a tiny configuration."""

import filecmp
import json
import os
import platform
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from clones import ROOT, copied, copy_project, done, edit_params, ran, run
from transformers import AutoModel
from warm import WarmShell

DEFINITION = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))
FLOW = DEFINITION["stages"]


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    """A clone in which the whole pipeline has run; the tests below change it in turn."""
    return copied(finished, tmp_path_factory.mktemp("dvc") / "project")


def planned(folder: Path) -> list[str]:
    """Stages that would run. Downstream is forced, since DVC cannot look into absent outputs."""
    result = run(folder, "dvc", "repro", "--dry", "--force-downstream")
    assert result.returncode == 0, result.stderr
    return re.findall(r"Running stage '(.+)'", result.stdout)


def test_every_step_has_run_and_nothing_is_left_to_do(project):
    report = (project / "artifacts" / "report" / "report.md").read_text("utf-8")
    for row in ("de → en", "en → de", "fr → en", "en → fr", "| mean "):
        assert row in report
    for analysis in (project / "artifacts" / "report" / "analyses").iterdir():
        assert f"| {analysis.stem.replace('_', ' ')}: " in report
    assert "up to date" in run(project, "dvc", "status").stdout
    again = run(project, "dvc", "repro")
    assert "Running stage" not in again.stdout
    assert planned(project) == []
    assert list((project / "artifacts").rglob(".*")) == []


def test_the_files_of_a_step_stand_in_the_folder_of_its_name(project):
    steps = {*FLOW, "live", "usage"} - {"translate_train", "continual"}
    assert {path.name for path in (project / "artifacts").iterdir()} == steps
    for name in ("translate_train/de", "continual/l2"):
        assert (project / "artifacts" / "xnli" / name / "1.parquet").is_file()
    report = (project / "artifacts" / "report" / "report.md").read_text("utf-8")
    assert "l2 continual − base" in report


def test_metrics_and_plots_are_shown(project):
    shown = json.loads(done(project, "dvc", "metrics", "show", "--json"))
    ((name, headline),) = shown[""]["data"].items()
    assert name == "metrics.json"
    assert headline["data"] == json.loads((project / name).read_text("utf-8"))
    retrieval = pd.read_csv(project / "artifacts" / "report" / "retrieval.csv")
    mean = retrieval[retrieval["method"] == "l2"]["accuracy"].mean()
    assert headline["data"]["words"] == pytest.approx(100 * mean, abs=0.06)
    of_languages = [float(line.split()[1]) for line in headline["data"]["langs"].splitlines()]
    assert headline["data"]["words"] == pytest.approx(sum(of_languages) / 2, abs=0.11)
    summary = pd.read_csv(project / "artifacts" / "report" / "nli_summary.csv")
    of_l2 = summary.set_index(["language", "method"]).loc["mean without en", "l2"]
    assert headline["data"]["nli"] == pytest.approx(100 * of_l2["accuracy"], abs=0.06)
    usage = done(project, "dvc", "metrics", "show", "artifacts/usage/xnli")
    assert "artifacts/usage/xnli/l2-1.json" in usage
    plots = run(project, "dvc", "plots", "show", "--out", "plots")
    assert plots.returncode == 0, plots.stderr
    page = (project / "plots" / "index.html").read_text("utf-8")
    given = [project / next(iter(plot)) for plot in DEFINITION["plots"]]
    files = [
        file for plot in given for file in (plot.rglob("*.[ct]sv") if plot.is_dir() else [plot])
    ]
    assert len(files) > len(given)
    for file in files:
        name = file.relative_to(project).as_posix()
        assert f'<div id = "{re.sub("[/.]", "_", name)}">' in page


def test_plots_do_not_need_the_curves_of_trainings(project, tmp_path):
    curves = project / "artifacts" / "live"
    assert {path.stem for path in curves.rglob("*.tsv")} >= {"loss", "dev", "learning_rate"}
    for step in ("align", "xnli"):
        (curves / step).rename(tmp_path / step)
    command = ("dvc", "plots", "diff", "HEAD", "--out", "plots")
    with_nothing = run(project, *command)
    for step in ("align", "xnli"):
        (tmp_path / step).rename(curves / step)
    for shown in (with_nothing, run(project, *command)):
        assert (shown.returncode, shown.stderr) == (0, "")


def test_a_clone_has_the_headline_without_its_artifacts(project, tmp_path):
    done(tmp_path, "git", "clone", "--quiet", str(project), "clone")
    command = ("dvc", "metrics", "show")
    assert done(tmp_path / "clone", *command) == done(project, *command)
    artifacts = tmp_path / "clone" / "artifacts"
    assert [path for path in artifacts.rglob("*") if path.is_file()] == [
        artifacts / "live/README.md"
    ]


def test_one_more_seed_runs_itself_and_what_stands_beside_leaves_nothing(project, warm):
    given = {name: (project / name).read_bytes() for name in ("params.yaml", "dvc.lock")}
    fewer = {"seeds": [1, 2], "translate_train": [], "continual": []}
    edit_params(project, lambda params: params["xnli"].update(fewer))
    result = run(project, "dvc", "repro", **warm)
    assert result.returncode == 0, result.stderr
    assert re.findall(r"Running stage '(.+)'", result.stdout) == [
        "xnli@base-2",
        "xnli@l2-2",
        "report",
        "release",
    ]
    for step in ("translate_train", "continual"):
        assert list(project.rglob(f"*{step}*/*.parquet")) == []
    assert "translate-train" not in (project / "artifacts/report/nli.csv").read_text("utf-8")
    for name, content in given.items():
        (project / name).write_bytes(content)
    again = run(project, "dvc", "repro", **warm)
    assert again.returncode == 0, again.stderr
    assert re.findall(r"Running stage '(.+)'", again.stdout) == ["report"]  # prunes seed 2
    assert (project / "dvc.lock").read_bytes() == given["dvc.lock"]
    assert "translate-train" in (project / "artifacts/report/nli.csv").read_text("utf-8")


def test_base_is_the_encoder_and_l2_is_not(project):
    weights = "model.safetensors"
    encoder, align = project / "artifacts" / "encoder", project / "artifacts" / "align"
    assert filecmp.cmp(encoder / weights, align / "base" / weights, shallow=False)
    assert not filecmp.cmp(encoder / weights, align / "l2" / weights, shallow=False)


def test_a_model_says_what_made_it_and_opens_with_that_file(project):
    align, encoder = (project / "artifacts" / name for name in ("align", "encoder"))
    made = json.loads((align / "l2" / "provenance.json").read_text())
    lock = yaml.safe_load((project / "dvc.lock").read_text())
    known = {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}
    for name in ("encoder", "pairs/de", "pairs/fr"):
        assert made["inputs"].pop(f"artifacts/{name}") == known[f"artifacts/{name}"]
    assert made["inputs"] == {}
    assert str(project) not in json.dumps(made)
    given = (encoder / "provenance.json").read_bytes()
    assert made["encoder"] == json.loads(given)
    assert (align / "base" / "provenance.json").read_bytes() == given
    assert AutoModel.from_pretrained(align / "l2").config.hidden_size == 16
    told = run(project, "python", "-m", "stages", "provenance", "artifacts/align/l2").stdout
    for row in ("| download@fr ", "| word_align@de ", "| own file ", "encoder own/tiny: own files"):
        assert row in told


def test_a_second_run_from_scratch_gives_the_same_hashes(finished, tmp_path, encoder_folder):
    """In another folder, as another user might run it: see the variables, listings and cores."""
    other = copy_project(tmp_path / "elsewhere", encoder_folder)
    environment = {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    environment |= {"PYTHONPATH": str(ROOT / "tests" / "hooks"), "REVERSED": "1"}
    one_core = ("taskset", "--cpu-list", str(min(os.sched_getaffinity(0))))  # and so one process
    shell = WarmShell(tmp_path, *one_core, **environment)
    done(other, "dvc", "pull", "data")
    done(other, *one_core, "dvc", "repro", SHELL=str(shell.program), **environment)
    shell.stop()
    assert (other / "dvc.lock").read_text() == (finished / "dvc.lock").read_text()


def test_the_machine_is_told_beside_the_artifacts_and_in_none(project):
    told = json.loads((project / "artifacts" / "usage" / "machine.json").read_text("utf-8"))
    assert told["python"] == platform.python_version()
    assert "artifacts/usage" not in (project / "dvc.lock").read_text("utf-8")
    for path in (project / "artifacts").rglob("*"):
        if path.is_file() and "usage" not in path.parts:
            assert told["os"].encode() not in path.read_bytes(), path


def joint(stage: str) -> bool:
    """Whether a stage has the encoder that all languages align, or examples in all of them."""
    return stage.partition("@")[0] in (
        "align",
        "retrieval",
        "analyses",
        "nli",
        "xnli",
        "translate_train",
        "continual",
        "report",
        "release",
    )


def test_a_removed_language_leaves_no_trace_and_runs_joint_steps_only(project, warm):
    edit_params(project, lambda params: params["languages"].pop("fr"))
    assert ran(done(project, "dvc", "repro", "own", **warm)) == ["own"]
    assert all(joint(stage) and not stage.endswith(("-fr", "@fr")) for stage in planned(project))
    result = run(project, "dvc", "repro", **warm)
    assert result.returncode == 0, result.stderr
    assert all(joint(stage) for stage in re.findall(r"Running stage '(.+)'", result.stdout))
    assert "up to date" in run(project, "dvc", "status").stdout
    left = [path for path in (project / "artifacts").rglob("*") if path.stem == "fr"]
    assert left == []
    assert "fr" not in (project / "artifacts" / "report" / "report.md").read_text("utf-8").split()
    assert "fr" not in yaml.safe_load((project / "artifacts/xnli/l2/1.json").read_text())["test"]
