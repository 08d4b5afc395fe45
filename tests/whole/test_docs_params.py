"""Every params line of README and docs works as printed: for us, for DVC, and once rewritten."""

import re
import shlex
import shutil
from functools import reduce
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from clones import ROOT
from dvc.repo import Repo
from dvc.utils.hydra import apply_overrides, get_hydra_sweeps
from dvc.utils.serialize import load_yaml as load_as_dvc

from stages.configure import main as configure
from stages.params import load_params
from stages.yaml_reader import load_yaml

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHIPPED = (ROOT / "params.yaml").read_text("utf-8")
GIVEN = yaml.safe_load(SHIPPED)
TEXT = {page.name: page.read_text("utf-8") for page in PAGES}
# A run of lines of code that begins with a block of params.
BLOCK = re.compile(rf"^(?= {{4}}(?:{'|'.join(GIVEN)}):)(?: {{4}}.*\n)+", re.M)
BLOCKS = [re.sub(r"(?m)^ {4}", "", each) for text in TEXT.values() for each in BLOCK.findall(text)]
# `key: value` in the text, with a key of params; mappings there and in the comments of params.
KEYS = set(re.findall(r"(?m)^ +(\w+):", SHIPPED))
SHORT = {
    pair
    for text in TEXT.values()
    for pair in re.findall(r"`(\w+): ([^`]+)`", text)
    if pair[0] in KEYS
}
COMMENTS = "\n".join(re.findall("#.*", SHIPPED))
FLOWS = {
    flow
    for text in (*TEXT.values(), COMMENTS)
    for flow in re.findall(r"\{(?:corpus|name|links): [^}\n]+\}", text)
    if f": {flow}" not in text and f", {flow}" not in text
}
FLAGS = ("-S", "--set-param")
COMMANDS = sorted(
    {
        line.strip()
        for text in TEXT.values()
        for line in re.findall(r"^ {4}(dvc exp run .+)$", text, re.M)
    }
)


def overrides(command):
    """What -S and --set-param of a command set."""
    words = shlex.split(command, comments=True)
    return [word for flag, word in pairwise(words) if flag in FLAGS]


def put_in(text, lines):
    """Params with a block of a page: each top-level key gets its lines."""
    for key, own, inner in re.findall(r"(?m)^(\w+):(.*)\n((?:  .*\n)*)", lines):
        if not inner:
            text, count = re.subn(rf"(?m)^{key}:.*", lambda _, k=key, o=own: f"{k}:{o}", text)
            assert count == 1
        for entry in re.findall(r"(?m)^  \w+:.*\n(?:    .*\n)*", inner):
            name = entry.split(":")[0]
            start = text.index(f"\n{key}:") + 1
            block = re.compile(r".*\n(?:(?: .*)?\n)*").match(text, start)
            body = re.sub(rf"(?m)^{name}:.*\n(?:    .*\n)*", "", block[0])
            first, rest = body.split("\n", 1)
            text = f"{text[:start]}{first}\n{entry}{rest}{text[block.end() :]}"
    return text


def read_by_both():
    """The content of params.yaml, after it was read and checked as a step and as DVC do."""
    load_params()
    content = load_as_dvc("params.yaml")
    assert content == load_yaml(Path("params.yaml").read_text("utf-8"), "params.yaml")
    return content


def planned():
    """The stages that `dvc repro` would run."""
    with Repo() as repo:
        plan = repo.reproduce(dry=True, force_downstream=True)
    return {stage.addressing for stage in plan}


def held(content, part):
    """What `content` has where `part` has something."""
    if not isinstance(part, dict):
        return content
    return {key: held(content[key], value) for key, value in part.items()}


def test_blocks_and_commands_are_seen():
    assert len(BLOCKS) >= 2
    assert sum(len(overrides(command)) for command in COMMANDS) >= 8
    assert len(SHORT) >= 2
    assert len(FLOWS) >= 4


def stages_of(content):
    expected = {f"download@{code}" for code in content["languages"]}
    return expected | {f"align@{method}" for method in content["methods"]}


def hold_all(content):
    parts = [load_yaml(lines, "page") for lines in BLOCKS]
    assert [held(content, part) for part in parts] == parts


def test_all_blocks_are_read_and_planned_as_printed(shipped):
    (shipped / "params.yaml").write_text(reduce(put_in, BLOCKS, SHIPPED), "utf-8")
    content = read_by_both()
    hold_all(content)
    assert stages_of(content) <= planned()


def test_all_blocks_keep_their_meaning_when_they_are_rewritten(shipped):
    bare = [lines.replace('"', "") for lines in BLOCKS]  # as DVC writes it
    (shipped / "params.yaml").write_text(reduce(put_in, bare, SHIPPED), "utf-8")
    content = read_by_both()
    for rewrite in ("align.defaults.learning_rate=5e-5", "languages.de.corpus=file:x.tsv"):
        apply_overrides("params.yaml", [rewrite])
        hold_all(read_by_both())
    configure([Path("configs/xlmr.yaml")])
    hold_all(read_by_both())
    assert stages_of(content) <= planned()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_experiment_sets_what_it_says(shipped, command):
    contents = []
    for combination in get_hydra_sweeps({"params.yaml": overrides(command)}):
        shutil.copy(ROOT / "params.yaml", shipped)
        apply_overrides("params.yaml", combination["params.yaml"])
        contents.append(read_by_both())
    assert contents != [GIVEN]


@pytest.mark.parametrize(("key", "value"), sorted(SHORT))
def test_a_setting_in_the_text_is_read(shipped, key, value):
    text, count = re.subn(rf"(?m)^( +{key}: )[^#\n]*", rf"\g<1>{value}  ", SHIPPED)
    assert count == 1
    (shipped / "params.yaml").write_text(text, "utf-8")
    read_by_both()


@pytest.mark.parametrize("flow", sorted(FLOWS))
def test_a_mapping_in_the_text_or_a_comment_is_read(shipped, flow):
    block = {"{c": flow, "{n": f"{{corpus: {flow}}}", "{l": f"{{corpus: bible, gold: {flow}}}"}
    line = block[flow[:2]]
    text = re.sub(r"(?m)^  de: .*", lambda _: f"  de: {line}", SHIPPED)
    (shipped / "params.yaml").write_text(text, "utf-8")
    content = read_by_both()
    apply_overrides("params.yaml", ["align.defaults.learning_rate=5e-5"])
    assert read_by_both()["languages"] == content["languages"]
