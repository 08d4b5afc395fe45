"""Real git and CMake on a small program in a repository of this test's own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from clones import ROOT, edit_params, run

from pipeline.aligner import build
from pipeline.errors import PipelineError

# As fast_align's: a minimum that CMake 4 refuses, debugging symbols, OpenMP if it is there. In C,
# so that the suite needs no more than a C compiler.
CMAKE = """
project(fast_align C)
cmake_minimum_required(VERSION 3.1 FATAL_ERROR)
set(CMAKE_C_FLAGS "${CMAKE_C_FLAGS} -Wall -O3 -g")
find_package(OpenMP QUIET)
if(OPENMP_FOUND)
  set(CMAKE_C_FLAGS "${CMAKE_C_FLAGS} ${OpenMP_C_FLAGS}")
endif()
add_executable(fast_align src/main.c)
"""
C = r"""
#include <stdio.h>
int main(void) {
#ifdef _OPENMP
  printf("threads ");
#endif
  printf("%s in %s\n", "WORD", __FILE__);
  return 0;
}
"""


class Repository:
    """A git repository with versions of the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "src").mkdir(parents=True)
        (folder / "CMakeLists.txt").write_text(CMAKE)
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> str:
        name = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        command = ["git", *name, *arguments]
        done = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, code: str) -> str:
        (self.folder / "src" / "main.c").write_text(code)
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a version")
        return self.git("rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Where builds work; they leave nothing there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def words(program: Path) -> str:
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout


def refused(repository: str | Path, commit: str, program: Path) -> str:
    """The one line of a build that fails, which leaves no program."""
    with pytest.raises(PipelineError) as error:
        build(str(repository), commit, program)
    assert not program.exists()
    line = str(error.value)
    assert "\n" not in line
    assert line.startswith("aligner: ")
    assert line.endswith("word_align.provider: wheel needs no git, CMake, compiler or network")
    return line


def test_builds_the_commit_that_is_asked_for(repository, tmp_path):
    old, _new = (repository.commit(C.replace("WORD", word)) for word in ("old", "new"))
    build(str(repository.folder), old, tmp_path / "program")
    assert words(tmp_path / "program") == "old in ./source/src/main.c\n"


def test_the_same_source_makes_the_same_bytes_without_paths(repository, tmp_path, monkeypatch):
    commit = repository.commit(C)
    build(str(repository.folder), commit, tmp_path / "first")
    # What a user's environment and git may have set must not reach the program.
    monkeypatch.setenv("CFLAGS", "-D_OPENMP")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "objects"))
    (tmp_path / "gitconfig").write_text(
        f"[core]\n attributesFile={tmp_path}/attributes\n autocrlf=true\n"
        '[filter "spoil"]\n smudge=sed s/WORD/spoiled/\n'
    )
    (tmp_path / "attributes").write_text("*.c filter=spoil\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    build(str(repository.folder), commit, tmp_path / "second")
    content = (tmp_path / "first").read_bytes()
    assert (tmp_path / "second").read_bytes() == content
    assert str(tmp_path).encode() not in content
    assert b".debug_info" not in content
    assert not (tmp_path / "objects").exists()


def test_other_commits_are_refused(repository, tmp_path):
    repository.commit(C)
    absent = "0123456789" * 4
    line = refused(repository.folder, absent, tmp_path / "program")
    assert f"{repository.folder} has no commit {absent}: correct aligner.commit" in line
    repository.git("tag", "--annotate", "name", "--message", "a tag")
    tag = repository.git("rev-parse", "name")
    assert f"{tag} is no commit of" in refused(repository.folder, tag, tmp_path / "program")


def test_a_repository_out_of_reach_is_named(tmp_path):
    commit = "0123456789" * 4
    line = refused(tmp_path / "absent", commit, tmp_path / "program")
    assert f"{tmp_path / 'absent'}: not fetched (" in line
    assert "does not appear to be a git repository" in line
    line = refused("http://127.0.0.1:9/fast_align", commit, tmp_path / "program")
    assert "http://127.0.0.1:9/fast_align: not fetched (unable to access" in line
    assert "check aligner.repository and the network" in line


def test_secrets_are_not_repeated(tmp_path, monkeypatch):
    for address in ("https://ann:hunter2@host/a", "https://hunter2@host/a", "http://a/b?c=hunter2"):
        with pytest.raises(PipelineError, match="holds credentials or a query") as error:
            build(address, "0" * 40, tmp_path / "program")
        assert "hunter2" not in str(error.value)
    (tmp_path / "gitconfig").write_text(
        '[url "http://ann:hunter2@127.0.0.1:9/"]\n insteadOf = http://host/\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    line = refused("http://host/a", "0" * 40, tmp_path / "program")
    assert "127.0.0.1" in line
    assert "hunter2" not in line


def test_the_words_of_the_compiler_and_of_cmake_are_shown(repository, tmp_path):
    broken = repository.commit(C.replace("return 0", "return missing"))
    line = refused(repository.folder, broken, tmp_path / "program")
    assert "does not build (src/main.c:8:10: error: 'missing' undeclared" in line
    unlinked = repository.commit(C.replace("printf", "missing"))
    assert "undefined reference" in refused(repository.folder, unlinked, tmp_path / "program")
    (repository.folder / "CMakeLists.txt").write_text(CMAKE + "find_package(Absent REQUIRED)\n")
    absent = repository.commit(C)
    line = refused(repository.folder, absent, tmp_path / "program")
    assert "CMake Error at CMakeLists.txt:10 (find_package)" in line
    (repository.folder / "CMakeLists.txt").write_text(CMAKE.replace("fast_align", "other"))
    other = repository.commit(C)
    assert "No rule to make target" in refused(repository.folder, other, tmp_path / "program")


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("git", "git is missing: install it"),
        ("cmake", "cmake is missing: install it"),
        ("make", "make is missing: install it"),
        ("cc", "a C++ compiler is missing: install one"),
    ],
)
def test_what_is_missing_is_named(missing, message, repository, tmp_path, monkeypatch):
    commit = repository.commit(C)
    monkeypatch.delenv("CC", raising=False)
    (tmp_path / "bin").mkdir()
    for tool in {"git", "cmake", "make", "cc"} - {missing}:
        found = shutil.which(tool, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        (tmp_path / "bin" / tool).symlink_to(found)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert message in refused(repository.folder, commit, tmp_path / "program")


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


def test_the_step_writes_the_program_and_its_origin_or_stays_as_it_was(project, repository):
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


def test_with_the_wheel_the_step_needs_nothing(project):
    assert (
        yaml.safe_load((project / "params.yaml").read_text())["word_align"]["provider"] == "wheel"
    )
    done = step(project, "wheel", {"repository": "http://127.0.0.1:9/a"}, PATH="/nowhere")
    assert done.returncode == 0, done.stderr
    files = list((project / "artifacts" / "aligner").iterdir())
    assert [path.name for path in files] == ["aligner.json"]
    assert json.loads(files[0].read_text()) == {"provider": "wheel"}


# Links the k-th words of both sides, whatever the direction.
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


def test_word_align_runs_the_program_that_was_built(project, repository):
    source = {"repository": "../repository", "commit": repository.commit(DIAGONAL)}
    assert step(project, "source", source).returncode == 0
    edit_params(project, lambda params: params["languages"].update(de={"corpus": "software"}))
    text = project / "artifacts" / "tokenize" / "de"
    text.mkdir(parents=True)
    (text / "source.txt").write_text("das alte Haus\nja , gern\n")
    (text / "english.txt").write_text("the old house\nyes please\n")
    command = (sys.executable, "-m", "stages", "word_align", "de")
    done = run(project, *command, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    links = project / "artifacts" / "word_align" / "de.txt"
    assert links.read_text() == "0-0 1-1 2-2\n0-0 1-1\n"
