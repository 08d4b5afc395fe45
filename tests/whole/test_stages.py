"""The commands as a user calls them: bad input is one line, and leaves nothing behind."""

import gzip
import json
import re
import shutil
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from clones import copy_project, edit_params, run, run_step
from typer.testing import CliRunner

from pipeline.nli.labels import LABELS
from stages.__main__ import HELPERS, STEPS, app


@pytest.fixture(scope="module")
def project(tmp_path_factory, encoder_folder):
    folder = copy_project(tmp_path_factory.mktemp("project"), encoder_folder)
    assert run(folder, "dvc", "pull", "data").returncode == 0
    return folder


@pytest.fixture
def clean(project):
    """The project without artifacts; its params come back after the test."""
    given = (project / "params.yaml").read_bytes()
    shutil.rmtree(project / "artifacts", ignore_errors=True)
    yield project
    (project / "params.yaml").write_bytes(given)


def refused(project: Path, *command: str, **environment: str) -> str:
    """The one line with which a step ends; nothing of it may be left in artifacts."""
    result = run(project, "python", "-m", "stages", *command, **environment)
    assert result.returncode == 1, result.stderr
    lines = [line for line in result.stderr.splitlines() if line]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    left = [path for path in (project / "artifacts").rglob("*") if path.is_file()]
    assert left == []
    return lines[0]


def test_help_lists_every_step_and_explains_each(project):
    steps = run(project, "python", "-m", "stages", "--help").stdout
    for step in (*STEPS, *HELPERS):
        assert re.search(rf"^\W* {step} +\w", steps, re.M), step
        result = CliRunner().invoke(app, [step, "--help"], prog_name="stages", color=False)
        assert result.exit_code == 0
        assert f"stages {step}" in result.output
        main = import_module(f"stages.{step.replace('-', '_')}").main
        assert main.__doc__.split()[0] in result.output


@pytest.mark.parametrize(
    ("block", "value", "message"),
    [
        (("languages", "xx"), {"corpus": "software"}, "languages.xx is 'xx', it must be a code"),
        (("languages", "de"), {"corpus": "europal"}, "languages.de.corpus.0.name is 'europal'"),
        (("download", "max_pairs"), "many", "download.max_pairs is 'many', it must be a valid int"),
        (("align",), None, "align must be"),
    ],
)
def test_faulty_params_stop_every_step(clean, block, value, message):
    def edit(params):
        *path, last = block
        for part in path:
            params = params[part]
        params[last] = value

    edit_params(clean, edit)
    line = refused(clean, "download", "de")
    assert line.startswith("error: params.yaml: ")
    assert message.split(" must")[0] in line


def test_a_missing_key_is_named(clean):
    edit_params(clean, lambda params: params["tokenize"].pop("min_words"))
    assert refused(clean, "download", "de") == "error: params.yaml: tokenize.min_words is missing"


def test_an_unknown_encoder_is_named(clean):
    edit_params(clean, lambda params: params["encoder"].update(name="mbert"))
    assert "encoder 'mbert': is neither e5-small, nor a folder" in refused(clean, "encoder")


def test_a_registry_out_of_reach_is_one_line(clean, tmp_path):
    edit_params(clean, lambda params: params["languages"].update(de={"corpus": "software"}))
    offline = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "XDG_CACHE_HOME": str(tmp_path),
    }
    line = refused(clean, "download", "de", **offline)
    assert "homeassistant==2026.11.0: not downloaded" in line
    assert "check the network" in line


def test_an_empty_corpus_is_named(clean):
    (clean / "empty.tsv").write_text("")
    edit_params(clean, lambda params: params["languages"].update(de={"corpus": "file:empty.tsv"}))
    assert "corpus 'file:empty.tsv': is empty for de" in refused(clean, "download", "de")


def test_a_loss_of_lines_is_reported_and_a_faulty_file_is_one_line(clean):
    address = "file:own.csv#source=de&english=en"
    edit_params(clean, lambda params: params["languages"].update(de={"corpus": address}))
    (clean / "own.csv").write_text("de,en\nHund,dog\n,cat\nKuh,cow\n")
    result = run(clean, "python", "-m", "stages", "download", "de")
    assert result.stdout == f"de: 2 sentence pairs of {address}\n"
    assert result.stderr == "de: 1 of 3 lines dropped (1 empty)\n"
    shutil.rmtree(clean / "artifacts")
    (clean / "own.csv").write_text('de,en\nHund,"dog\nKatze,cat\nKuh,cow"\n')
    assert "own.csv:2: not CSV, perhaps for a quotation" in refused(clean, "download", "de")
    (clean / "own.csv").unlink()
    (clean / "own.csv.gz").write_bytes(gzip.compress(b"de,en\nHund,dog\n")[:-4])
    address = address.replace(".csv", ".csv.gz")
    edit_params(clean, lambda params: params["languages"].update(de={"corpus": address}))
    assert "own.csv.gz: not a whole file (" in refused(clean, "download", "de")


def test_too_few_sentences_for_the_splits_stop_pairs_and_keep_the_rest(clean, warm):
    for step in (
        ["own"],
        ["encoder"],
        ["download", "de"],
        ["tokenize", "de"],
        ["word_align", "de"],
    ):
        assert run_step(clean, warm, *step).returncode == 0
    edit_params(clean, lambda params: params["pairs"].update(test=1024))
    result = run(clean, "python", "-m", "stages", "pairs", "de")
    assert result.returncode == 1
    assert "usable sentence pairs, but test 1024 and dev 4 must leave" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert list((clean / "artifacts").glob("pairs/*")) == []
    assert (clean / "artifacts" / "word_align" / "de.txt").is_file()


def test_a_language_without_inference_data_is_told_and_left_out(clean):
    result = edited_nli(clean, {"de": "", "en": ""})
    assert result.stderr == "nli: no test examples in fr: it is left out\n"
    counts = json.loads((clean / "artifacts" / "nli" / "counts.json").read_text())
    assert counts["examples"]["test"] == {"en": 3, "de": 3, "fr": 0}
    assert counts["left_out"]["train"]["no gold label"] == 1
    test = pd.read_parquet(clean / "artifacts" / "nli" / "test.parquet")
    assert list(test.language) == ["en"] * 3 + ["de"] * 3


def test_inference_data_that_are_not_parallel_leave_nothing_behind(clean):
    edited_nli(clean, {"de": "more\tit is.\tneutral\n", "en": ""})
    shutil.rmtree(clean / "artifacts", ignore_errors=True)
    line = refused(clean, "nli")
    assert "test-de.tsv: not parallel, examples: 4 in de, but 3 in en" in line


def edited_nli(project, more):
    """The step nli on a tiny data set of one's own; `more` ends its test file of a language."""
    lines = "premise\thypothesis\tlabel\n"
    lines += "".join(f"{{}}\tit is {label}.\t{label}\n" for label in LABELS)
    for split in ("train", "dev", "test"):
        for language, end in more.items():
            text = lines.replace("{}", split) + (end if split == "test" else "")
            text += "x\ty\t-\n" if split == "train" else ""
            (project / f"{split}-{language}.tsv").write_text(text)
    files = {split: f"file:{split}-{{language}}.tsv" for split in ("train", "dev", "test")}

    def edit(params):
        params["nli"] |= {"source": "files", "files": files | {"translated": None}}
        params["xnli"]["translate_train"] = []

    edit_params(project, edit)
    return run(project, "python", "-m", "stages", "nli")


@pytest.mark.parametrize(
    ("step", "slow"),
    [
        ("download", "pandas torch requests awscrt httpx2"),
        ("tokenize", "torch sacremoses"),
        ("nli", "torch requests awscrt httpx2"),
        ("prune", "pandas torch requests awscrt httpx2"),
        *((step, "torch") for step in ("analyses", "report", "release")),
        *((step, "pandas torch") for step in ("aligner", "word_align", "pairs")),
        *((step, "pandas torch") for step in ("corpora", "provenance")),
    ],
)
def test_a_step_starts_without_the_libraries_that_it_may_not_need(project, step, slow):
    code = f"import sys, stages.{step}; print({{*{slow.split()}}} & {{*sys.modules}})"
    assert run(project, "python", "-c", code).stdout == "set()\n"
