"""Faults in the hand-written sources of the NLI sample: one line names the file and the entry."""

import re
import shutil
from pathlib import Path

import pytest

from pipeline.common.errors import PipelineError
from pipeline.nli.sample import build_sample

SOURCES = Path(__file__).parents[2] / "data" / "nli"
SIZES = {"train": 3000, "dev": 300, "test": 600}


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("de.yaml", "acc: den Koch, ", "", "de.yaml: cook has no form acc, which sentences.active"),
        ("fr.yaml", "\n  borrowed: ", "\n  lend: ", "fr.yaml: no sentences.borrowed"),
        ("es.yaml", "    goat:", "    ibex:", "es.yaml: no lexicon.animal.goat"),
        ("bg.yaml", "    rose:", "    goat:", "bg.yaml: lexicon.kind.goat is defined twice"),
        ("el.yaml", "\nlexicon:\n", "\nlexicon: [\n", "el.yaml: cannot be read"),
        ("el.yaml", "\nsentences:\n", "\nphrases:\n", "el.yaml: no sentences"),
        ("en.yaml", "{a.n} is {v.ing}.", "{a.n is {v.ing}.", "en.yaml: sentences.a_does has a bad"),
        (
            "en.yaml",
            "{a.n} is {v.ing}.",
            "{z.n} is {v.ing}.",
            "en.yaml: sentences.a_does has a bad",
        ),
        ("en.yaml", "{n: Nina}", "{n: no}", "en.yaml: lexicon.woman.nina"),
        (
            "patterns.yaml",
            "[people_act, some_do,",
            "[people_act,",
            "patterns.yaml: does not have the layout",
        ),
    ],
)
def test_bad_sources(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    folder = shutil.copytree(SOURCES, tmp_path / "nli")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(PipelineError, match=re.escape(message)) as caught:
        build_sample(folder, **SIZES, seed=1)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    folder = shutil.copytree(SOURCES, tmp_path / "nli")
    (folder / "bg.yaml").unlink()
    with pytest.raises(PipelineError, match=r"bg\.yaml: cannot be read .*; fix it"):
        build_sample(folder, **SIZES, seed=1)


@pytest.mark.parametrize(
    ("train", "message"),
    [(300_000, "ask for fewer"), (100, "multiple of 3"), (-3, "multiple of 3")],
)
def test_bad_sizes(train: int, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        build_sample(SOURCES, train=train, dev=0, test=0, seed=1)


def test_norwegian_needs_no_quotes(tmp_path):
    folder = shutil.copytree(SOURCES, tmp_path / "nli")
    (folder / "de.yaml").rename(folder / "no.yaml")
    patterns = (folder / "patterns.yaml").read_text("utf-8")
    changed = re.sub(r"(?m)^languages: .*", "languages: [en, no]", patterns)
    (folder / "patterns.yaml").write_text(changed, "utf-8")
    sample = build_sample(folder, train=6, dev=3, test=3, seed=1)
    assert list(sample["language"].unique()) == ["en", "no"]
