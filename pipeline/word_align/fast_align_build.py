"""fast_align (Dyer, Chahuneau and Smith, 2013), built from its public source by git and CMake.

The program must also run on a teammate's machine, so it is built for any processor of the same
architecture, and links the compiler's libraries statically if this machine has them in that form;
it needs a C library of the same version or newer. It is built without OpenMP and SparseHash even if
the machine has them: more threads make its output vary from run to run, and another hash table
changes the order of its sums.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import shorten
from urllib.parse import urlsplit

from ..common.errors import PipelineError
from ..common.redact import redacted

PROGRAM = "fast_align"
REMEDY = "word_align.provider: wheel needs no git, CMake, compiler or network"
# Prefixes of the user's git variables that are kept: they may be needed to reach a server (proxies,
# certificates, replaced addresses).
KEPT_GIT_VARIABLES = ("GIT_CONFIG", "GIT_PROXY", "GIT_SSL")
# Overrides of what could change the files, ask for a password, or wait for a silent server.
GIT_OPTIONS = (
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.eol=lf",
    "core.hooksPath=/dev/null",
    "credential.helper=",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
    "protocol.version=2",
    "submodule.recurse=false",
)
CMAKE_OPTIONS = (
    "CMAKE_BUILD_TYPE=Release",
    "CMAKE_POLICY_VERSION_MINIMUM=3.5",  # fast_align asks for older ones, which CMake 4 lacks
    "CMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON",
    "CMAKE_DISABLE_FIND_PACKAGE_SparseHash=ON",
    "CMAKE_SKIP_RPATH=ON",
)
SHARED = "-s"  # no debugging symbols
STATIC = f"{SHARED} -static-libstdc++ -static-libgcc"
# What linkers and compilers say where these libraries, or these flags, are missing.
LIBRARY_MISSING = re.compile(r"(cannot find|unable to find|not found).*-l:?(lib)?(stdc\+\+|gcc)")
FLAG_UNKNOWN = re.compile(r"(unsupported|unrecognized|unknown|invalid).*-static-lib(stdc|gcc)")

Finished = subprocess.CompletedProcess[str]


def build(repository: str, commit: str, program: Path) -> None:
    """Build `fast_align` from a commit (40 hex digits) and write the program to `program`.

    The same compiler makes the same bytes. Works in a temporary folder and writes nothing if it
    fails. Raises PipelineError if git, CMake, a compiler, the network or the commit is missing, or
    with the compiler's message if the source does not build.
    """
    check_repository(repository)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        _fetch(repository, commit, folder)
        shutil.copy(_compile(folder), program)


def contact(repository: str, commit: str) -> None:
    """Raise PipelineError unless git reaches the repository."""
    with tempfile.TemporaryDirectory() as name:
        environment = _git_environment(Path(name))
        for arguments in (
            ["init", "--quiet", "--template="],
            ["ls-remote", "--", repository, "HEAD"],
        ):
            done = _run([*_git(), *arguments], environment)
            if done.returncode != 0:
                raise PipelineError(f"aligner: {_git_reason(done, repository, commit)}; {REMEDY}")


def check_repository(repository: str) -> None:
    """Raise PipelineError for an address that may hold a secret: params are shared with others."""
    address = urlsplit(repository)
    if address.password or address.query or (address.username and address.scheme != "ssh"):
        raise PipelineError(
            f"repository {redacted(repository)!r}: holds credentials or a query string, which "
            "would be stored in dvc.lock: use a .netrc file"
        )


def _fetch(repository: str, commit: str, folder: Path) -> None:
    """Check the commit out into the subfolder `source`."""
    (folder / "source").mkdir()
    environment = _git_environment(folder)
    git = _git()
    for arguments in (
        ["init", "--quiet", "--template="],
        ["fetch", "--quiet", "--no-tags", "--depth", "1", "--", repository, commit],
        ["checkout", "--quiet", "--detach", "FETCH_HEAD"],
    ):
        done = _run([*git, *arguments], environment)
        if done.returncode != 0:
            raise PipelineError(f"aligner: {_git_reason(done, repository, commit)}; {REMEDY}")
    head = _run([*git, "rev-parse", "HEAD"], environment).stdout.strip()
    if head != commit:
        raise PipelineError(
            f"aligner: {commit} is not a commit of {redacted(repository)} but a name of {head}: "
            f"correct aligner.commit; {REMEDY}"
        )


def _git() -> list[str]:
    return ["git", *(word for option in GIT_OPTIONS for word in ("-c", option))]


def _git_environment(folder: Path) -> dict[str, str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(KEPT_GIT_VARIABLES)
    }
    return environment | {
        "GIT_DIR": str(folder / "git"),
        "GIT_WORK_TREE": str(folder / "source"),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_DEFAULT_HASH": "sha1",
        # Neither a terminal, nor a window, nor ssh may ask for a password.
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
    }


def _git_reason(done: Finished, repository: str, commit: str) -> str:
    address = redacted(repository)
    if "not our ref" in done.stderr or "unadvertised object" in done.stderr:
        return f"{address} has no commit {commit}: correct aligner.commit"
    messages = re.findall(r"^(?:fatal|error): (.*)", done.stderr, re.MULTILINE) or [done.stderr]
    # git may show an address from the user's configuration, with credentials.
    reason = shorten(re.sub(r"//[^/@\s]*@", "//", messages[0]), 300)
    return f"{address}: not fetched ({reason}): check aligner.repository and the network"


def _compile(folder: Path) -> Path:
    output = _cmake_output(folder, STATIC)
    if LIBRARY_MISSING.search(output) or FLAG_UNKNOWN.search(output):
        shutil.rmtree(folder / "build")
        output = _cmake_output(folder, SHARED)
        if not output:
            note = "no static libstdc++ here: the program needs the shared one on every machine"
            print(f"aligner: {note}", file=sys.stderr)
    if output:
        raise PipelineError(f"aligner: {_cmake_reason(output)}; {REMEDY}")
    return folder / "build" / PROGRAM


def _cmake_output(folder: Path, linker_flags: str) -> str:
    """What CMake and the compiler say if they fail; empty if they build the program."""
    source, build_folder = str(folder / "source"), str(folder / "build")
    # These replace CFLAGS and CXXFLAGS, which may be for this processor only.
    flags = f"-ffile-prefix-map={folder}=."
    options = [*CMAKE_OPTIONS, f"CMAKE_C_FLAGS={flags}", f"CMAKE_CXX_FLAGS={flags}"]
    options.append(f"CMAKE_EXE_LINKER_FLAGS={linker_flags}")
    environment = {**os.environ, "LC_ALL": "C"}
    for command in (
        ["cmake", "-S", source, "-B", build_folder, *(f"-D{option}" for option in options)],
        ["cmake", "--build", build_folder, "--target", PROGRAM],
    ):
        done = _run(command, environment)
        if done.returncode != 0:
            return (done.stderr + done.stdout).replace(f"{source}/", "") or "no message"
    return ""


def _cmake_reason(output: str) -> str:
    if "unable to find a build program" in output:
        return "make is missing: install it"
    if re.search(r"CMAKE_C(XX)?_COMPILER (could be found|not set)", output):
        return "a C++ compiler is missing: install one, or correct CXX and CC"
    if LIBRARY_MISSING.search(output):
        return "the C++ library is missing: install gcc-c++ (RHEL, Fedora) or g++ (Debian, Ubuntu)"
    messages = (
        re.findall(r".*(?:error: |undefined reference|cannot find ).*", output)
        or re.findall(r"CMake Error.*\n.*\n.*", output)
        or output.split("\n")[-4:]
    )
    reason = "; ".join(shorten(message, 200) for message in messages[:3])
    return f"{PROGRAM} does not build ({reason}): correct aligner.commit or the compiler"


def _run(command: list[str], environment: dict[str, str]) -> Finished:
    try:
        return subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise PipelineError(f"aligner: {command[0]} is missing: install it; {REMEDY}") from error
