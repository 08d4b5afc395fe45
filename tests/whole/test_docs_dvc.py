"""Commands of DVC in the documentation parse, and the CI workflows are what their hosts read."""

import re
import shlex
import subprocess
from itertools import groupby

import pytest
import yaml
from clones import ROOT
from dvc.cli import parse_args
from dvc.cli.parser import DvcParserError
from markdown import blocks

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHARING = (ROOT / "docs" / "sharing.md").read_text("utf-8")
PINNED = re.compile(r"actions/[a-z-]+@[0-9a-f]{40}")


def commands(page):
    """The commands of DVC in a page's blocks and workflows, as lists of words without `dvc`."""
    found = []
    for line in "\n".join(blocks(page.read_text("utf-8"))).splitlines():
        script = re.sub(r"^ *(- )?(run: )?(\$ )?", "", line)
        if "dvc " not in script:
            continue
        lexer = shlex.shlex(script, posix=True, punctuation_chars="|&<>;")
        lexer.whitespace_split = True
        try:
            parts = [list(part) for _, part in groupby(lexer, lambda word: word[:1] in {*"|&<>;"})]
        except ValueError:  # prose with an apostrophe
            continue
        found += [words[1:] for words in parts if words[0] == "dvc" and "..." not in words]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_dvc_parse(page):
    faulty = []
    for words in commands(page):
        try:
            parse_args(words)
        except (DvcParserError, SystemExit):
            faulty.append(words)
    assert faulty == []


def test_the_commands_are_seen():
    seen = [words[:2] for page in PAGES for words in commands(page)]
    assert ["metrics", "diff"] in seen
    assert len(seen) > 50
    with pytest.raises(DvcParserError):
        parse_args(["exp", "show", "--sort", "--dorp"])


def workflow(first):
    (block,) = (block for block in blocks(SHARING) if block.startswith(first))
    return yaml.safe_load(block)


def test_the_workflow_of_github_pins_its_actions_and_its_scripts_are_shell():
    steps = workflow("name: results")["jobs"]["results"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert len(used) == 2
    assert all(PINNED.fullmatch(name) for name in used)
    scripts = [step["run"] for step in steps if "run" in step]
    assert_shell(scripts)
    assert "gh pr comment" in scripts[-1]


def test_the_workflow_of_gitlab_has_scripts_that_are_shell():
    job = workflow("results:")["results"]
    assert_shell(job["script"])
    assert job["script"][-1].startswith("curl --fail")


def assert_shell(scripts):
    for script in scripts:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
