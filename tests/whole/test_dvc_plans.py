"""What `dvc repro` plans after an edit: the stages that must run, and no others."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from clones import copied, done, edit_params, ran
from dvc.repo import Repo

from pipeline.common.files import remove

# The stages of the finished project by step.
STAGES = {
    "encoder": ["encoder"],
    "download": ["download@de", "download@fr"],
    "tokenize": ["tokenize@de", "tokenize@fr"],
    "aligner": ["aligner"],
    "word_align": ["word_align@de", "word_align@fr"],
    "pairs": ["pairs@de", "pairs@fr"],
    "align": ["align@base", "align@l2"],
    "retrieval": [
        "retrieval@base-de",
        "retrieval@base-fr",
        "retrieval@l2-de",
        "retrieval@l2-fr",
    ],
    "analyses": ["analyses@de", "analyses@fr"],
    "nli": ["nli"],
    "xnli": ["xnli@base-1", "xnli@l2-1"],
    "translate_train": ["translate_train@de-1"],
    "continual": ["continual@l2-1"],
    "report": ["report"],
    "release": ["release"],
}
ALL = " ".join(STAGES)
# What word pairs reach, and what inference data reach.
JOINT = "align retrieval analyses xnli continual report release"
FETCHED = "download tokenize word_align pairs nli translate_train"
TUNED = "xnli translate_train continual report release"

# A param and its new value; the steps that run, or single stages of them.
PARAMS = [
    ("encoder.revision", "0" * 40, f"encoder pairs {JOINT} translate_train"),
    ("download.seed", 2, f"download tokenize word_align pairs {JOINT}"),
    ("tokenize.min_words", 3, f"tokenize word_align pairs {JOINT}"),
    ("aligner.commit", "0" * 40, f"aligner word_align pairs {JOINT}"),
    ("word_align.provider", "source", f"aligner word_align pairs {JOINT}"),
    ("word_align.seed", 2, f"word_align pairs {JOINT}"),
    ("pairs.numbers", False, f"pairs {JOINT}"),
    ("align.defaults.seed", 2, JOINT),
    ("align.defaults.sentences", 15, JOINT),
    (
        "align.l2.seed",
        2,
        "align@l2 retrieval@l2-de retrieval@l2-fr analyses xnli@l2-1 continual report release",
    ),
    ("align.contrastive.seed", 2, ""),
    ("retrieval.neighbours", 9, "retrieval analyses report release"),
    ("analyses.seed", 2, "analyses report release"),
    ("nli.seed", 2, f"nli {TUNED}"),
    ("nli.source", "hub", f"nli {TUNED}"),
    ("xnli.tuning.batch", 8, TUNED),
    ("xnli.alignment_weight", 2.0, "continual report release"),
    (
        "xnli.seeds",
        [1, 2],
        "xnli@base-2 xnli@l2-2 translate_train@de-2 continual@l2-2 report release",
    ),
    ("xnli.translate_train", [], "report release"),
    ("xnli.translate_train", ["de", "fr"], "translate_train@fr-1 report release"),
    ("xnli.continual", [], "report release"),
    ("release.licence", "mit", "release"),
    ("methods", ["base"], "analyses report release"),
    (
        "methods",
        ["base", "l2", "rotation"],
        "align@rotation retrieval@rotation-de retrieval@rotation-fr analyses xnli@rotation-1 "
        "report release",
    ),
    (
        "languages.es",
        {"corpus": "file:tests/text/fr.tsv"},
        "download@es tokenize@es word_align@es pairs@es retrieval@base-es retrieval@l2-es "
        f"analyses@es nli translate_train {JOINT}",
    ),
    (
        "languages.fr",
        None,
        f"align retrieval@base-de retrieval@l2-de analyses@de nli {TUNED}",
    ),
    (
        "languages.fr.corpus",
        "file:tests/text/de.tsv",
        f"download@fr tokenize@fr word_align@fr pairs@fr nli translate_train {JOINT}",
    ),
    (
        "languages.fr.gold",
        "data/gold/fr.txt",
        f"word_align@fr pairs@fr nli translate_train {JOINT}",
    ),
]

# A file to which a comment is added, of every room at least one; what runs.
FILES = [
    ("README.md", ""),
    ("params.yaml", ""),
    ("tests/helpers/clones.py", ""),
    ("stages/params.py", ""),
    ("stages/usage.py", ""),
    ("stages/tokenize.py", f"tokenize word_align pairs {JOINT}"),
    ("stages/prune.py", JOINT),
    ("pipeline/common/errors.py", ""),
    ("pipeline/common/progress.py", ""),
    ("pipeline/common/machine.py", ""),
    ("pipeline/common/files.py", ALL),
    ("pipeline/statistics/significance.py", "report release"),
    ("pipeline/fetch/transfer/web.py", f"{FETCHED} {JOINT}"),
    ("pipeline/corpora/readers/software.py", f"download tokenize word_align pairs {JOINT}"),
    ("pipeline/corpora/catalogue.py", f"download tokenize word_align pairs {JOINT}"),
    ("pipeline/tokenize/moses.py", f"tokenize word_align pairs {JOINT}"),
    ("pipeline/obtain/e5_small.py", f"encoder pairs {JOINT} translate_train"),
    ("pipeline/encoder/rotation.py", f"{JOINT} translate_train"),
    ("pipeline/word_align/thot_aligners.py", f"word_align pairs {JOINT}"),
    ("pipeline/pairs/word_pairs.py", f"pairs {JOINT}"),
    ("pipeline/align/loop.py", JOINT),
    ("pipeline/retrieval/by_layer.py", "retrieval analyses report release"),
    ("pipeline/analyses/word_groups.py", "analyses report release"),
    ("pipeline/nli/sample.py", f"nli {TUNED}"),
    ("pipeline/xnli/classifier.py", TUNED),
    ("pipeline/xnli/continual.py", "continual report release"),
    ("pipeline/report/nli.py", "report release"),
    ("pipeline/release/model_card.py", "release"),
]

# Of these a stage may run again, but never a training or fine-tuning if what it gives is the same.
MESSAGES = [
    "pipeline/common/errors.py",
    "pipeline/common/progress.py",
    "pipeline/obtain/e5_small.py",
    "pipeline/fetch/wheels.py",
]

# What tools leave in a room; none of it is a change.
LEFT = [
    "__pycache__/a.pyc",
    ".vectors.py.swp",
    "vectors.py~",
    ".DS_Store",
    ".ipynb_checkpoints/a.ipynb",
]

# A file of data/ to which a comment is added, and `dvc add data`; what runs.
DATA = [
    ("data/abbreviations/bg.txt", f"tokenize word_align pairs {JOINT}"),
    ("data/gold/fr.txt", f"word_align pairs {JOINT}"),
    ("data/closed_class/en.txt", "analyses report release"),
    ("data/nli/de.yaml", f"nli {TUNED}"),
]


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    return copied(finished, tmp_path_factory.mktemp("plans") / "project")


@pytest.fixture(autouse=True)
def _in_project(project, monkeypatch):
    monkeypatch.chdir(project)  # DVC takes the dvc.yaml of the current folder


def planned() -> list[str]:
    """Stages that would run if whatever runs makes something new.

    Without `force_downstream` DVC tells the first stages only: it cannot know that the outputs of
    these will differ, and stops at those that are not there yet.
    """
    with Repo() as repo:
        stages = repo.reproduce(dry=True, force_downstream=True)
    return sorted(stage.addressing for stage in stages)


def expanded(steps: str) -> list[str]:
    return sorted(stage for step in steps.split() for stage in STAGES.get(step, [step]))


def with_value(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Set a nested key; None removes it."""

    def edit(params: dict[str, Any]) -> None:
        *blocks, last = key.split(".")
        for block in blocks:
            params = params[block]
        params[last] = value
        if value is None:
            del params[last]

    return edit


@pytest.mark.parametrize(("key", "value", "steps"), PARAMS)
def test_a_param_runs_what_it_reaches(key, value, steps, project):
    given = (project / "params.yaml").read_bytes()
    edit_params(project, with_value(key, value))
    found = planned()
    (project / "params.yaml").write_bytes(given)
    assert found == expanded(steps)


@pytest.mark.parametrize(("name", "steps"), FILES)
def test_a_file_runs_what_it_is_in(name, steps, project):
    path = project / name
    given = path.read_bytes()
    path.write_bytes(given + b"# a comment\n")
    found = planned()
    path.write_bytes(given)
    assert found == expanded(steps)


@pytest.mark.parametrize(("name", "steps"), DATA)
def test_a_file_of_data_runs_what_reads_it(name, steps, project):
    given = {path: path.read_bytes() for path in (project / name, project / "data.dvc")}
    (project / name).write_bytes(given[project / name] + b"# a comment\n")
    with Repo() as repo:
        repo.add(["data"])
    found = planned()
    for path, content in given.items():
        path.write_bytes(content)
    assert found == expanded(steps)


def test_a_change_of_messages_or_of_reading_packages_trains_nothing(project):
    """Only what depends on the file itself runs, since its outputs stay the same."""
    given = {name: (project / name).read_bytes() for name in MESSAGES}
    for name, content in given.items():
        (project / name).write_bytes(content + b"# a comment\n")
    with Repo() as repo:
        stages = repo.reproduce(dry=True)
    for name, content in given.items():
        (project / name).write_bytes(content)
    assert {stage.addressing.partition("@")[0] for stage in stages} == {
        "encoder",
        "download",
        "nli",
    }


def test_what_tools_leave_in_a_room_is_no_change(project):
    rooms = [path for path in (project / "pipeline").iterdir() if path.is_dir()]
    left = [room / name for room in rooms for name in LEFT]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_text("left")
    with Repo() as repo:
        assert repo.status() == {}
    for path in left:
        path.unlink()


def test_every_room_is_in_the_table(project):
    rooms = {path.name for path in (project / "pipeline").iterdir() if path.is_dir()}
    tried = {name.split("/")[1] for name, _ in FILES if name.startswith("pipeline/")}
    assert rooms - {"__pycache__"} == tried


def test_what_a_killed_write_leaves_runs_nothing(project):
    left = project / "artifacts" / "pairs" / ".de.tmp"
    left.mkdir()
    (left / "half").touch()
    found = planned()
    remove(left)
    assert found == []


def test_every_block_of_params_is_in_the_table(project):
    blocks = set(yaml.safe_load((project / "params.yaml").read_text("utf-8")))
    assert {key.split(".")[0] for key, _, _ in PARAMS} == blocks


def test_the_command_plans_the_same_and_without_an_edit_nothing(project):
    command = ("dvc", "repro", "--dry", "--force-downstream")
    assert ran(done(project, *command)) == []
    edit_params(project, with_value("analyses.seed", 2))
    assert ran(done(project, *command)) == ["analyses@de", "analyses@fr", "report", "release"]
    done(project, "git", "checkout", "params.yaml")
