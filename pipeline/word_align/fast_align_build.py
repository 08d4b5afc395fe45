"""fast_align (Dyer, Chahuneau and Smith, 2013), built from its public source by git and CMake.

The program is to run on a teammate's machine too, so it is built for any processor of its kind and
brings the compiler's libraries; of the system it needs the C library, of this age or newer. It is
built without OpenMP and SparseHash, whether the machine has them or not: more threads change its
output from run to run, another hash table the order of its sums.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from textwrap import shorten
from urllib.parse import urlsplit

from ..common.errors import PipelineError
from ..common.redact import redacted

PROGRAM = "fast_align"
REMEDY = "word_align.provider: wheel needs no git, CMake, compiler or network"
# The user's git keeps what leads to a server: proxies, certificates, other addresses of it.
KEPT = ("GIT_CONFIG", "GIT_PROXY", "GIT_SSL")
# It loses what could change the files, ask for a password, or wait for a silent server.
GIT = (
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
CMAKE = (
    "CMAKE_BUILD_TYPE=Release",
    "CMAKE_POLICY_VERSION_MINIMUM=3.5",  # CMake 4 knows no older policies; fast_align asks for them
    "CMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON",
    "CMAKE_DISABLE_FIND_PACKAGE_SparseHash=ON",
    "CMAKE_EXE_LINKER_FLAGS=-s -static-libstdc++ -static-libgcc",  # -s: no debugging symbols
    "CMAKE_SKIP_RPATH=ON",
)

Done = subprocess.CompletedProcess[str]


def build(repository: str, commit: str, program: Path) -> None:
    """Write the program `fast_align` of a commit (40 hex digits) to `program`.

    The same compiler makes the same bytes. Works in a temporary folder; nothing is written when it
    fails. Raises PipelineError if git, CMake, a compiler, the network or the commit is missing, or
    with the compiler's words if the source does not build.
    """
    check_repository(repository)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        _fetch(repository, commit, folder)
        shutil.copy(_compile(folder), program)


def check_repository(repository: str) -> None:
    """Raise PipelineError for an address with a secret: params and artifacts are shared."""
    address = urlsplit(repository)
    if address.password or address.query or (address.username and address.scheme != "ssh"):
        raise PipelineError(
            f"repository {redacted(repository)!r}: holds credentials or a query string, which "
            "would be kept in dvc.lock: use a .netrc file"
        )


def _fetch(repository: str, commit: str, folder: Path) -> None:
    (folder / "source").mkdir()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(KEPT)
    }
    environment |= {"GIT_DIR": str(folder / "git"), "GIT_WORK_TREE": str(folder / "source")}
    environment |= {"GIT_ATTR_NOSYSTEM": "1", "GIT_DEFAULT_HASH": "sha1"}
    # No terminal, window or ssh may ask for anything.
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": ""}
    environment |= {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}
    git = ["git", *(word for option in GIT for word in ("-c", option))]
    for arguments in (
        ["init", "--quiet", "--template="],
        ["fetch", "--quiet", "--no-tags", "--depth", "1", "--", repository, commit],
        ["checkout", "--quiet", "--detach", "FETCH_HEAD"],
    ):
        done = _run([*git, *arguments], environment)
        if done.returncode != 0:
            raise PipelineError(f"aligner: {_git_reason(done, repository, commit)}; {REMEDY}")
    found = _run([*git, "rev-parse", "HEAD"], environment).stdout.strip()
    if found != commit:
        raise PipelineError(
            f"aligner: {commit} is no commit of {redacted(repository)} but a name of {found}: "
            f"correct aligner.commit; {REMEDY}"
        )


def _git_reason(done: Done, repository: str, commit: str) -> str:
    shown = redacted(repository)
    if "not our ref" in done.stderr or "unadvertised object" in done.stderr:
        return f"{shown} has no commit {commit}: correct aligner.commit"
    words = re.findall(r"^(?:fatal|error): (.*)", done.stderr, re.MULTILINE) or [done.stderr]
    # git may have put in an address of the user's own configuration.
    reason = shorten(re.sub(r"//[^/@\s]*@", "//", words[0]), 300)
    return f"{shown}: not fetched ({reason}): check aligner.repository and the network"


def _compile(folder: Path) -> Path:
    source, build_folder = str(folder / "source"), str(folder / "build")
    # Instead of the flags of the environment, which may be for this processor only.
    flags = f"-ffile-prefix-map={folder}=."
    options = [*CMAKE, f"CMAKE_C_FLAGS={flags}", f"CMAKE_CXX_FLAGS={flags}"]
    environment = {**os.environ, "LC_ALL": "C"}
    for command in (
        ["cmake", "-S", source, "-B", build_folder, *(f"-D{option}" for option in options)],
        ["cmake", "--build", build_folder, "--target", PROGRAM],
    ):
        done = _run(command, environment)
        if done.returncode != 0:
            words = (done.stderr + done.stdout).replace(f"{source}/", "")
            raise PipelineError(f"aligner: {_cmake_reason(words)}; {REMEDY}")
    return folder / "build" / PROGRAM


def _cmake_reason(words: str) -> str:
    if "unable to find a build program" in words:
        return "make is missing: install it"
    if re.search(r"CMAKE_C(XX)?_COMPILER (could be found|not set)", words):
        return "a C++ compiler is missing: install one, or set CXX and CC right"
    told = re.findall(r".*(?:error: |undefined reference|cannot find ).*", words)
    told = told or re.findall(r"CMake Error.*\n.*\n.*", words) or words.split("\n")[-4:]
    reason = "; ".join(shorten(line, 200) for line in told[:3])
    return f"{PROGRAM} does not build ({reason}): correct aligner.commit or the compiler"


def _run(command: list[str], environment: dict[str, str]) -> Done:
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
