"""Wheels from the Python package registry, read as zip files without installing them."""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import PipelineError
from ..common.files import sha256_of
from .sizes import Size


@dataclass(frozen=True)
class Package:
    """One pinned wheel; `python` is the Python version that it is built for or requires.

    `size` is in bytes, None if unknown.
    """

    name: str
    version: str
    sha256: str
    python: str = "3.12"
    size: int | None = None

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def fetch_wheel(package: Package, cache: Path) -> Path:
    """Return the path of the package's wheel in `cache`, downloaded by pip unless it is there.

    Raises PipelineError if the download fails or the checksum is not the pinned one.
    """
    wheel = cached_wheel(package, cache)
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


def cached_wheel(package: Package, cache: Path) -> Path:
    """Where the wheel is in `cache`, if it is there."""
    return cache / f"{package.sha256}.whl"


def wheel_size(package: Package, cache: Path) -> Size:
    """The size of a wheel; unless it is in `cache`, the registry is asked whether it has it.

    Raises PipelineError if it has not, or does not answer.
    """
    wheel = cached_wheel(package, cache)
    if wheel.is_file() and sha256_of(wheel) == package.sha256:
        return Size(wheel.stat().st_size, 0)
    versions = _pip(package, "index", "versions", package.name)
    if package.version not in re.split(r"[\s,()]+", versions):
        raise PipelineError(f"{package}: the registry does not have it: check pip's index settings")
    return Size(package.size, package.size)


def _pip_download(package: Package, folder: str) -> None:
    _pip(package, "download", str(package), "--dest", folder, "--no-deps", "--quiet")


def _pip(package: Package, *arguments: str) -> str:
    """What pip prints when it works for the platform of all packages."""
    command = [sys.executable, "-m", "pip", *arguments]
    command += ["--only-binary=:all:", "--python-version", package.python]
    command += ["--platform", "manylinux2014_x86_64", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = (
            errors[0].removeprefix("ERROR: ") if errors else f"pip exited with {done.returncode}"
        )
        raise PipelineError(
            f"{package}: not downloaded ({reason}): check the network and pip's index settings"
        )
    return done.stdout
