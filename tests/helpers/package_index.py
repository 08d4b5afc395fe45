"""A small wheel for tests, and an environment in which pip knows only one index."""

import zipfile
from pathlib import Path

import pytest


def make_wheel(folder: Path) -> Path:
    """Write a minimal wheel, `sample` 1.0, with one data file."""
    folder.mkdir(parents=True)
    wheel = folder / "sample-1.0-py3-none-any.whl"
    info = "sample-1.0.dist-info"
    files = {
        "sample/data.txt": b"hello",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",  # pip reads it only to install the wheel
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return wheel


def isolate(monkeypatch: pytest.MonkeyPatch, index: str) -> None:
    """Make pip use the package index at this address and no other."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", index)
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
