"""Real git and CMake on a small program in a repository made by the test."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from noexec import run_noexec
from program_source import CMAKE, C, Repository, words

from pipeline.common.errors import PipelineError
from pipeline.word_align.fast_align_build import FLAG_UNKNOWN, LIBRARY_MISSING, build


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """The folder in which builds work; they leave nothing there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def refused(repository: str | Path, commit: str, program: Path) -> str:
    """The one-line error of a build, which must leave no program."""
    with pytest.raises(PipelineError) as error:
        build(str(repository), commit, program)
    assert not program.exists()
    line = str(error.value)
    assert "\n" not in line
    assert line.startswith("aligner: ")
    assert line.endswith("word_align.provider: wheel needs no git, CMake, compiler or network")
    return line


def test_builds_the_given_commit(repository, tmp_path):
    old, _new = (repository.commit(C.replace("WORD", word)) for word in ("old", "new"))
    build(str(repository.folder), old, tmp_path / "program")
    assert words(tmp_path / "program") == "old in ./source/src/main.c\n"


def test_builds_are_reproducible_and_hold_no_paths(repository, tmp_path, monkeypatch):
    commit = repository.commit(C)
    build(str(repository.folder), commit, tmp_path / "first")
    # Settings of the user's environment and git must not affect the program.
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
    assert f"{tag} is not a commit of" in refused(repository.folder, tag, tmp_path / "program")


def test_an_unreachable_repository_is_named(tmp_path):
    commit = "0123456789" * 4
    line = refused(tmp_path / "absent", commit, tmp_path / "program")
    assert f"{tmp_path / 'absent'}: not fetched (" in line
    assert "does not appear to be a git repository" in line
    line = refused("http://127.0.0.1:9/fast_align", commit, tmp_path / "program")
    assert "http://127.0.0.1:9/fast_align: not fetched (unable to access" in line
    assert "check aligner.repository and the network" in line


def test_secrets_are_not_shown(tmp_path, monkeypatch):
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


def test_messages_of_the_compiler_and_of_cmake_are_shown(repository, tmp_path):
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


# A compiler on a machine without some libraries: the linker's own words.
COMPILER = """#!/bin/sh
case "$*" in
  *-E*|*" -c "*) ;;
  {pattern})
    echo "/usr/bin/ld: cannot find -lstdc++: No such file or directory" >&2
    echo "collect2: error: ld returned 1 exit status" >&2
    exit 1;;
esac
exec {compiler} "$@"
"""


def write_compiler(folder: Path, pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put `cc` first on PATH; it links nothing whose arguments match the shell's pattern."""
    folder.mkdir()
    (folder / "cc").write_text(COMPILER.format(pattern=pattern, compiler=shutil.which("cc")))
    (folder / "cc").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.delenv("CC", raising=False)


def test_without_the_static_library_the_shared_one_is_linked(
    repository, tmp_path, monkeypatch, capfd
):
    write_compiler(tmp_path / "bin", "*-static-lib*", monkeypatch)
    build(str(repository.folder), repository.commit(C), tmp_path / "program")
    assert words(tmp_path / "program") == "WORD in ./source/src/main.c\n"
    assert capfd.readouterr().err == (
        "aligner: no static libstdc++ here: the program needs the shared one on every machine\n"
    )


def test_without_any_library_the_package_is_named(repository, tmp_path, monkeypatch):
    write_compiler(tmp_path / "bin", "*", monkeypatch)
    line = refused(repository.folder, repository.commit(C), tmp_path / "program")
    assert "the C++ library is missing: install gcc-c++ (RHEL, Fedora) or g++ (Debian" in line


def test_a_temporary_folder_without_programs_suffices(repository, tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from pipeline.word_align.fast_align_build import FLAG_UNKNOWN, LIBRARY_MISSING, build\n"
        "build(sys.argv[1], sys.argv[2], Path(sys.argv[3]))"
    )
    arguments = (str(repository.folder), repository.commit(C), str(tmp_path / "program"))
    result = run_noexec(tmp_path / "noexec", code, *arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert words(tmp_path / "program") == "WORD in ./source/src/main.c\n"


@pytest.mark.parametrize(
    "line",
    [
        "/usr/bin/ld: cannot find -lstdc++: No such file or directory",
        "/usr/bin/ld.gold: error: cannot find -lstdc++",
        "ld.lld: error: unable to find library -lstdc++",
        "/usr/bin/ld: cannot find -lgcc_eh: No such file or directory",
        "mold: fatal: library not found: -lstdc++",
        "clang: error: unsupported option '-static-libgcc'",
    ],
)
def test_linkers_that_lack_a_static_library_are_understood(line):
    assert LIBRARY_MISSING.search(line) or FLAG_UNKNOWN.search(line)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("git", "git is missing: install it"),
        ("cmake", "cmake is missing: install it"),
        ("make", "make is missing: install it"),
        ("cc", "a C++ compiler is missing: install one"),
    ],
)
def test_a_missing_tool_is_named(missing, message, repository, tmp_path, monkeypatch):
    commit = repository.commit(C)
    monkeypatch.delenv("CC", raising=False)
    (tmp_path / "bin").mkdir()
    for tool in {"git", "cmake", "make", "cc"} - {missing}:
        path = shutil.which(tool, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        (tmp_path / "bin" / tool).symlink_to(path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert message in refused(repository.folder, commit, tmp_path / "program")
