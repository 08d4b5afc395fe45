"""Files of users as DVC sees them: an edit runs what reads the file, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from clones import copied, done, edit_params, run_step
from plan_tables import ENCODER, JOINT, TUNED
from plans import expanded, fingerprints_restored, planned

from pipeline.common.errors import PipelineError
from pipeline.common.files import remove
from stages.unchanged import own_files_unchanged

SPLITS = ("train", "dev", "test", "translated")
# Every kind of file, and what an edit of it runs.
KINDS = [
    ("own/de.txt", f"own download@de tokenize@de word_align@de pairs@de judge@de {JOINT}"),
    ("own/en.txt", f"own download@de tokenize@de word_align@de pairs@de judge@de {JOINT}"),
    ("own/more.csv", f"own download@fr tokenize@fr word_align@fr pairs@fr judge@fr {JOINT}"),
    ("elsewhere/fr.tsv", f"own download@fr tokenize@fr word_align@fr pairs@fr judge@fr {JOINT}"),
    ("own/gold/de.txt", f"own word_align@de pairs@de judge@de {JOINT}"),
    ("own/gold/fr.links", f"own word_align@fr pairs@fr judge@fr {JOINT}"),
    ("own/gold/fr.txt", f"own word_align@fr pairs@fr judge@fr {JOINT}"),
    ("own/gold/fr.en.txt", f"own word_align@fr pairs@fr judge@fr {JOINT}"),
    ("own/gold/second.txt", f"own word_align@fr pairs@fr judge@fr {JOINT}"),
    ("own/nli/train.tsv", f"own nli {TUNED}"),
    ("own/nli/dev.tsv", f"own nli {TUNED}"),
    ("own/nli/test-en.tsv", f"own nli {TUNED}"),
    ("own/nli/test-fr.tsv", f"own nli {TUNED}"),  # so far absent
    ("own/nli/translated.zip", f"own nli {TUNED}"),
    ("elsewhere/config.json", f"own {ENCODER} {JOINT} translate_train"),
    ("own/tagger/vocab/strings.json", "own analyses report release"),
    ("own/unnamed.tsv", "own"),
]


def all_kinds(params: dict[str, Any]) -> None:
    three = {"links": "own/gold/fr.links", "source": "own/gold/fr.txt"}
    three["english"] = "own/gold/fr.en.txt"
    params["languages"] = {
        "de": {"corpus": "file:own/de.txt,own/en.txt", "gold": "own/gold/de.txt"},
        "fr": {
            "corpus": ["file:own/{language}.tsv", {"name": "file:own/more.csv#source=a&english=b"}],
            "gold": [three, "own/gold/second.txt", "data/gold/de.txt"],
        },
    }
    params["nli"] |= {"source": "files", "files": dict.fromkeys(SPLITS)}
    params["nli"]["files"] |= {
        "train": "file:own/nli/train.tsv",
        "dev": "file:own/nli/dev.tsv#language=lang",
        "test": "file:own/nli/test-{language}.tsv",
        "translated": "file:own/nli/translated.zip#member=train-{language}.tsv",
    }
    params["analyses"]["tagger"] = "own/tagger==1.0"


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    """A project with every kind, as if it had run: of what these files hold, nothing is read."""
    folder = copied(finished, tmp_path_factory.mktemp("own") / "project")
    edit_params(folder, all_kinds)
    for name, _ in KINDS:
        if name not in ("own/nli/test-fr.tsv", "own/unnamed.tsv", "elsewhere/config.json"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"{name}\n")
    for name in ("fr.tsv", "tiny/config.json"):
        path = folder / "own" / name
        path.rename(folder / "elsewhere" / path.name)
        path.symlink_to(folder / "elsewhere" / path.name)
    done(folder, "dvc", "repro", "own")
    done(folder, "dvc", "commit", "--force", "--quiet")
    return folder


@pytest.fixture
def here(project, warm, monkeypatch):
    monkeypatch.chdir(project)
    monkeypatch.setenv("SHELL", warm["SHELL"])
    with fingerprints_restored(project):
        yield project


def test_unchanged_files_run_nothing(here):
    assert planned() == []
    assert "up to date" in done(here, "dvc", "status")


@pytest.mark.parametrize(("name", "steps"), KINDS)
def test_an_edit_runs_what_reads_the_file(name, steps, here):
    given = (here / name).read_bytes() if (here / name).exists() else None
    (here / name).write_bytes((given or b"") + b"\n")
    plan = planned()
    if given is None:
        (here / name).unlink()
    else:
        (here / name).write_bytes(given)
    assert plan == expanded(steps)


def in_block(*keys: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(params: dict[str, Any]) -> None:
        *blocks, last = keys
        for block in blocks:
            params = params[block]
        params[last] = value

    return edit


OUTSIDE = "is not in own/, and DVC notices changes only there: move or link it into own/ and name "


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("languages", "de", "corpus"), "file:a/b.tsv", "languages.de.corpus: a/b.tsv " + OUTSIDE),
        (("languages", "de", "corpus"), ["software", "file:own/x,b"], ".de.corpus: b " + OUTSIDE),
        (("languages", "de", "gold"), "data/nli/de.yaml", ".de.gold: data/nli/de.yaml " + OUTSIDE),
        (("languages", "de", "gold"), "data/gold/../x.txt", "data/gold/../x.txt " + OUTSIDE),
        (("nli", "files", "dev"), "file:x-{language}", "nli.files.dev: x-en " + OUTSIDE),
        (("encoder", "name"), "tiny", "encoder.name: tiny " + OUTSIDE),
        (("encoder", "name"), "xlm-roberta-base", "a Hugging Face name as encoder.revision"),
        (("encoder", "name"), "own/xlmr", "encoder.name: own/xlmr is missing: put it there; "),
        (("encoder", "revision"), "0" * 40, "encoder.revision: own/tiny is your own folder: "),
        (("analyses", "tagger"), "models/en==3.8.0", "analyses.tagger: models/en " + OUTSIDE),
        (
            ("languages", "de", "corpus"),
            "file:own/x~,own/en.txt",
            "x~: DVC ignores it (because of",
        ),
        (("languages", "de", "corpus"), "file:own/repo/x.tsv", "own/repo/x.tsv: DVC ignores it ("),
        (("languages", "de", "corpus"), "file:own/link/x.tsv", "own/link is a link to a folder, "),
    ],
)
def test_what_dvc_would_not_notice_is_refused(keys, value, message, here, warm):
    given = (here / "params.yaml").read_bytes()
    for name in ("own/x", "own/x~"):
        (here / name).touch()
    (here / "own" / "link").symlink_to(here / "elsewhere")
    (here / "own" / "repo" / ".dvc").mkdir(parents=True)
    (here / "own" / "repo" / "x.tsv").touch()
    edit_params(here, in_block(*keys, value=value))
    before = sorted((here / "artifacts" / "own").rglob("*"))
    result = run_step(here, warm, "own")
    (here / "params.yaml").write_bytes(given)
    for name in ("own/x", "own/x~", "own/link", "own/repo"):
        remove(here / name)
    assert result.returncode == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert sorted((here / "artifacts" / "own").rglob("*")) == before


def test_archives_of_xnli_on_this_machine_are_read_as_files(here, warm):
    given = (here / "params.yaml").read_bytes()
    edit_params(here, in_block("nli", "source", value="xnli"))
    edit_params(here, in_block("nli", "xnli", "test", value="file:own/more.csv"))
    edit_params(here, in_block("xnli", "translate_train", value=[]))
    result = run_step(here, warm, "own")
    (here / "params.yaml").write_bytes(given)
    assert result.returncode == 0, result.stderr
    prints = json.loads((here / "artifacts" / "own" / "nli.json").read_text())
    assert list(prints) == ["own/more.csv"]


def test_a_step_refuses_a_file_that_changed_since(here, warm):
    given = (here / "own" / "more.csv").read_bytes()
    (here / "own" / "more.csv").write_bytes(given + b"x,y\n")
    result = run_step(here, warm, "download", "fr")
    (here / "own" / "more.csv").write_bytes(given)
    expected = (
        "error: download: own/more.csv has changed since the step own read it: run `dvc repro"
    )
    assert result.stderr.startswith(expected)
    changed = pytest.raises(PipelineError, match=r"word_align: own/gold/de.txt has changed")
    with changed, own_files_unchanged("word_align", ["de"]):
        (here / "own" / "gold" / "de.txt").write_text("while it runs")
    (here / "own" / "gold" / "de.txt").write_text("own/gold/de.txt\n")


def test_a_step_refuses_gold_sets_that_params_no_longer_name(here):
    given = (here / "params.yaml").read_bytes()
    edit_params(here, lambda params: params["languages"]["de"].pop("gold"))
    changed = pytest.raises(
        PipelineError, match=r"retrieval: languages\.de\.gold has changed since"
    )
    with changed, own_files_unchanged("retrieval", ["l2"]):
        pass
    (here / "params.yaml").write_bytes(given)
