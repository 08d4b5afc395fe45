"""What the documentation names must exist: links, files, targets of make, commands and params."""

import re
from pathlib import Path

import dvc
import pytest
import ruamel.yaml
import scmrepo
import yaml
from clones import ROOT

from stages.__main__ import HELPERS, STEPS

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
# Words between backticks, and lines of commands.
CODE = re.compile(r"`([^`\n]+)`|^ {4}(.+)$", re.M)
TOP = {path.name for path in ROOT.iterdir()} - {"artifacts"}
MADE = {"data", ".dvc", "own"}  # DVC or a user brings what is there


def words(page):
    """Every word of its code, without what may stand around it."""
    found = (one or two for one, two in CODE.findall(page.read_text("utf-8")))
    return [word.strip("'\",;:()") for text in found for word in text.split()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_named_files_exist(page):
    text = page.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    named = [word for word in words(page) if "/" in word and word.split("/")[0] in TOP - MADE]
    named = [word for word in named if not re.search(r"[<>*{}…]|\bNAME\b", word)]
    assert [word for word in named if not (ROOT / word).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_params_exist(page):
    text = page.read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"(?:`| {4})make ([a-z]+)", text)) <= targets
    commands = {*re.findall(r"-m stages ([a-z][\w-]+)", text)}
    assert commands <= {*STEPS, *HELPERS}
    for name in set(re.findall(r"-S '?([\w.]+)=", text)):
        block = PARAMS
        for key in name.split("."):
            assert key in block, name
            block = block[key]


def test_the_checks_see_something():
    seen = [word for page in PAGES for word in words(page)]
    assert "dvc.lock" in seen
    assert "docs/results.md" in seen


def code_in(*folders):
    """All Python code there; texts over several lines are joined."""
    files = (path for folder in folders for path in Path(folder).rglob("*.py"))
    return re.sub(r'"\n\s*f?"', "", "".join(path.read_text("utf-8") for path in files))


def explained():
    """The messages in the headings of errors.md, and whether each is one of DVC's."""
    headings = re.findall(r"^## (.+)$", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.M)
    return [(text, "DVC:" in each) for each in headings for text in re.findall("`(.+?)`", each)]


def test_each_error_that_is_explained_is_one_of_ours():
    """Those of DVC are told apart by a word before them."""
    ours = [text for text, is_dvc in explained() if not is_dvc]
    code = code_in(ROOT / "pipeline", ROOT / "stages").replace("{EMBEDDED}", "e5-small")
    # What the system says of a full disk, and what pydantic says, come from elsewhere.
    texts = [text.removesuffix(", no space left on device") for text in ours]
    texts = [text.removeprefix("it ") for text in texts]
    assert [text for text in texts if text not in code] == []
    assert len(texts) > 10


def test_errors_of_dvc_are_those_of_the_version_that_we_use():
    packages = (dvc, scmrepo, ruamel.yaml)
    code = code_in(*(path for package in packages for path in package.__path__))
    texts = [text for text, is_dvc in explained() if is_dvc and not text.startswith("dvc ")]
    assert [text for text in texts if text not in code] == []
    assert "is busy, it is being blocked by" in texts


def test_reasons_of_the_hub_that_are_explained_are_ours():
    """`…` and names of variables stand for what differs."""
    page = (ROOT / "docs" / "errors.md").read_text("utf-8")
    reasons = re.findall(r"^- `(.+?)`:", page, re.M)
    parts = [part for text in reasons for part in re.split(r" ?(?:…|[A-Z]+_[A-Z_]+=?) ?", text)]
    code = code_in(ROOT / "pipeline" / "fetch" / "hub")
    assert [part for part in parts if part not in code] == []
    assert len(reasons) > 7
