"""The step aligner, and word_align with the program it built."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from clones import ROOT, edit_params, run
from program_source import C, Repository, words


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


@pytest.fixture
def project(tmp_path):
    """A folder with params and artifacts."""
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(ROOT / "params.yaml", folder)
    return folder


def step(project: Path, provider: str, source: dict[str, str], **environment: str):
    """`python -m stages aligner` with these params."""
    edit_params(project, lambda params: params["word_align"].update(provider=provider))
    edit_params(project, lambda params: params["aligner"].update(source))
    command = (sys.executable, "-m", "stages", "aligner")
    return run(project, *command, PYTHONPATH=str(ROOT), **environment)


def test_the_step_writes_program_and_origin_or_changes_nothing(project, repository):
    artifact = project / "artifacts" / "aligner"
    source = {"repository": "../repository", "commit": repository.commit(C)}
    assert step(project, "source", source).returncode == 0
    assert words(artifact / "fast_align") == "WORD in ./source/src/main.c\n"
    origin = json.loads((artifact / "aligner.json").read_text())
    assert origin == {"provider": "source", **source}
    before = {path.name: path.read_bytes() for path in artifact.iterdir()}
    failed = step(project, "source", {"commit": repository.commit("broken")})
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: aligner: fast_align does not build (")
    assert {path.name: path.read_bytes() for path in artifact.iterdir()} == before
    assert {path.name for path in artifact.parent.iterdir()} == {"aligner", "usage"}


def test_with_the_wheel_the_step_needs_no_tools(project):
    assert (
        yaml.safe_load((project / "params.yaml").read_text())["word_align"]["provider"] == "wheel"
    )
    done = step(project, "wheel", {"repository": "http://127.0.0.1:9/a"}, PATH="/nowhere")
    assert done.returncode == 0, done.stderr
    files = list((project / "artifacts" / "aligner").iterdir())
    assert [path.name for path in files] == ["aligner.json"]
    assert json.loads(files[0].read_text()) == {"provider": "wheel"}


# Links the k-th words of both sides, in either direction.
DIAGONAL = r"""
#include <stdio.h>
#include <string.h>
int main(int count, char **options) {
  FILE *file = NULL;
  for (int k = 1; k + 1 < count; k++)
    if (!strcmp(options[k], "-i")) file = fopen(options[k + 1], "r");
  char line[10000];
  while (file && fgets(line, sizeof line, file)) {
    int words[2] = {0, 0}, side = 0;
    for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
      if (strcmp(word, "|||")) words[side]++; else side = 1;
    for (int k = 0; k < words[0] && k < words[1]; k++) printf(k ? " %d-%d" : "%d-%d", k, k);
    printf("\n");
  }
  return !file;
}
"""


def test_word_align_runs_the_built_program(project, repository):
    source = {"repository": "../repository", "commit": repository.commit(DIAGONAL)}
    assert step(project, "source", source).returncode == 0
    edit_params(project, lambda params: params["languages"].update(de={"corpus": "software"}))
    text = project / "artifacts" / "tokenize" / "de"
    text.mkdir(parents=True)
    (text / "source.txt").write_text("das alte Haus\nja , gern\n")
    (text / "english.txt").write_text("the old house\nyes please\n")
    stages = (sys.executable, "-m", "stages")
    assert run(project, *stages, "own", PYTHONPATH=str(ROOT)).returncode == 0
    done = run(project, *stages, "word_align", "de", PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    links = project / "artifacts" / "word_align" / "de.txt"
    assert links.read_text() == "0-0 1-1 2-2\n0-0 1-1\n"
