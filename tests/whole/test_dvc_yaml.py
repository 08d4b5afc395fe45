"""dvc.yaml names the code and the params that each stage uses."""

import ast
import hashlib
import json
import re
from pathlib import Path

import pytest
import yaml
from clones import ROOT
from params_read import ITEM, params_read

FLOW = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
# Messages, and the constraints on params: they cannot change a byte of an artifact.
NO_DEPENDENCY = {
    *(ROOT / f"pipeline/common/{name}.py" for name in ("constraints", "errors", "progress")),
    *(ROOT / "pipeline").glob("*/settings.py"),
}


def imports(file: Path) -> set[Path]:
    """Files of pipeline/ that a file imports, directly."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            room = file.relative_to(ROOT).parts[: -node.level] if node.level else ()
            module = ".".join([*room, *filter(None, [node.module])])
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    files = {
        ROOT / f"{name.replace('.', '/')}.py" for name in names if name.startswith("pipeline.")
    }
    return {path for path in files if path.is_file()}


def in_use(file: Path) -> set[Path]:
    """Files of pipeline/ that run when `file` does."""
    found, waiting = set(), [file]
    while waiting:
        new = imports(waiting.pop()) - found
        found |= new
        waiting += new
    return found


def code_of(stage: str) -> tuple[set[Path], list[Path]]:
    """The files that a stage runs and that can change its outputs; the code it lists in deps."""
    definition = FLOW[stage].get("do", FLOW[stage])
    commands = definition["cmd"] if isinstance(definition["cmd"], list) else [definition["cmd"]]
    steps = {ROOT / f"stages/{command.split()[3]}.py" for command in commands}
    used = steps.union(*map(in_use, steps)) - NO_DEPENDENCY
    listed = [ROOT / dep for dep in definition["deps"] if dep.startswith(("stages", "pipeline"))]
    return used, listed


@pytest.mark.parametrize("stage", FLOW)
def test_deps_cover_the_code_in_use_once_and_no_room_that_is_mostly_idle(stage):
    used, listed = code_of(stage)
    for file in used:
        covering = [dep for dep in listed if dep == file or dep in file.parents]
        assert len(covering) == 1, (file, covering)
    for dep in listed:
        files = [dep] if dep.is_file() else [*dep.rglob("*.py")]
        modules = [file for file in files if file.name != "__init__.py"]
        modules = [file for file in modules if file not in NO_DEPENDENCY]
        assert 2 * len(used.intersection(modules)) > len(modules), dep


def test_the_imports_that_the_deps_rest_on_are_seen():
    assert ROOT / "pipeline/encoder/pair_arrays.py" in in_use(ROOT / "stages/align.py")
    assert ROOT / "pipeline/fetch/transfer/s3.py" in in_use(ROOT / "stages/download.py")


def is_in(name: str, block: str) -> bool:
    """Whether a param is a block, or in it at any depth."""
    return f"{name}.".startswith(f"{block}.")


@pytest.mark.parametrize("stage", FLOW)
def test_a_stage_names_the_params_it_reads_and_no_others(stage):
    definition = FLOW[stage].get("do", FLOW[stage])
    named = {re.sub(r"\$\{.+?\}", ITEM, name) for name in definition["params"]}
    read = params_read(stage)
    assert [name for name in read if not any(is_in(name, block) for block in named)] == []
    assert [block for block in named if not any(is_in(name, block) for name in read)] == []


def test_params_are_seen_at_any_depth():
    assert params_read("analyses") == {
        "align.defaults.sentences",
        "analyses",
        "analyses.seed",
        "analyses.tagger",
        "languages",
        "methods",
    }


def test_the_seed_remote_holds_the_data_and_nothing_else():
    out = yaml.safe_load((ROOT / "data.dvc").read_text("utf-8"))["outs"][0]
    assert out["remote"] == "seed"
    store = ROOT / ".dvc" / "seed" / "files" / "md5"
    found = {path.parent.name + path.name: path for path in store.rglob("*") if path.is_file()}
    listing = json.loads(found.pop(out["md5"]).read_text("utf-8"))
    assert set(found) == {entry["md5"] for entry in listing}
    for name, path in found.items():
        assert hashlib.md5(path.read_bytes()).hexdigest() == name
