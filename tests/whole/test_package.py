"""The library as a package: installed under a name of its own, whatever the folder is called."""

import ast
import subprocess
import sys
import tomllib

from clones import ROOT

MODULES = sorted((ROOT / "pipeline").rglob("*.py"))


def test_every_room_is_packaged():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    folders = {path.parent.relative_to(ROOT).as_posix().replace("/", ".") for path in MODULES}
    (name, folder), *others = settings["package-dir"].items()
    assert (folder, others) == ("pipeline", [])
    assert set(settings["packages"]) == {each.replace("pipeline", name, 1) for each in folders}


def test_imports_inside_the_library_are_relative():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert not (node.module or "").startswith("pipeline"), path
            elif isinstance(node, ast.Import):
                assert not any(each.name.startswith("pipeline") for each in node.names), path


def test_the_installed_package_aligns_words(tmp_path):
    code = """
from contextual_alignment.word_align.links import from_pharaoh, to_pharaoh
print(*to_pharaoh(from_pharaoh(["0-0 1-1"])))
from contextual_alignment.report.page import page
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0-0 1-1\n", "")
