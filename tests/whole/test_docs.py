"""What the documentation names must exist: links, files, targets of make, commands and params."""

import re

import pytest
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


def test_each_error_that_is_explained_is_one_of_ours():
    """Those of DVC are told apart by a word before them."""
    headings = re.findall(r"^## (.+)$", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.M)
    ours = [text for each in headings for text in re.findall("`(.+?)`", each) if "DVC:" not in each]
    code = "".join(
        path.read_text("utf-8")
        for top in ("pipeline", "stages")
        for path in (ROOT / top).rglob("*.py")
    )
    code = re.sub(r'"\n\s*f?"', "", code).replace("{EMBEDDED}", "e5-small")
    # What the system says of a full disk, and what pydantic says, come from elsewhere.
    texts = [text.removesuffix(", no space left on device") for text in ours]
    texts = [text.removeprefix("it ") for text in texts]
    assert [text for text in texts if text not in code] == []
    assert len(texts) > 10
