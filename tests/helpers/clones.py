"""Temporary clones of this repository with a tiny configuration, and commands in them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WARM: list[str] = []  # the shell of the fixture `warm`, while there is one


def copy_project(folder: Path, encoder: Path) -> Path:
    """A git and DVC repository with this working tree's files, a tiny encoder and tiny params."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for made in ("dvc.lock", "metrics.json"):
        (folder / made).unlink(missing_ok=True)
    shutil.copytree(encoder, folder / "own" / "tiny")
    shutil.copytree(ROOT / "tests" / "text", folder / "own", dirs_exist_ok=True)
    edit_params(folder, tiny)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def copied(project: Path, folder: Path) -> Path:
    """A folder as `finished` is, with its own cache."""
    return shutil.copytree(project, folder, symlinks=True)


def commit(folder: Path) -> None:
    """Commit everything, dvc.lock among it, as somebody."""
    done(folder, "git", "add", "--all")
    done(folder, "git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "change")


def tiny(params: dict[str, Any]) -> None:
    """Two languages of a few dozen sentences, and the smallest sizes that mean something."""
    params["languages"] = {code: {"corpus": f"file:own/{code}.tsv"} for code in ("de", "fr")}
    params["encoder"] = {"name": "own/tiny", "revision": None}
    params["pairs"] |= {"test": 8, "dev": 4, "max_subwords": 128}
    params["align"]["defaults"] |= {"sentences": 16, "batch_tokens": 120, "dev_steps": 2}
    params["retrieval"] |= {"layers": "all"}
    params["nli"] |= {"train": 48, "dev": 24, "test": 48}
    params["xnli"] |= {"translate_train": ["de"], "continual": ["l2"]}


def edit_params(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change params.yaml in place."""
    params = yaml.safe_load((folder / "params.yaml").read_text("utf-8"))
    edit(params)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), "utf-8")


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with the programs of this virtual environment first.

    `dvc` runs in the shell of the fixture `warm`, as soon as a test has used that.
    """
    if command[0] == "dvc" and WARM:
        command = (*WARM, *command)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, **environment}
    return subprocess.run(
        command, cwd=folder, env=variables, check=False, capture_output=True, text=True
    )


def run_step(
    folder: Path, warm: dict[str, str], *names: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`python -m stages` with a step and its arguments, in the shell of the fixture `warm`."""
    return run(folder, warm["SHELL"], "-c", " ".join(["python -m stages", *names]), **environment)


def done(folder: Path, *command: str, **environment: str) -> str:
    """What a command that must succeed prints."""
    result = run(folder, *command, **environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def ran(output: str) -> list[str]:
    """Stages that DVC ran, or would run, in their order."""
    return re.findall(r"Running stage '(.+)'", output)
