"""Fingerprints follow the content, and whatever DVC would not notice is refused."""

import hashlib
from pathlib import Path

import pytest

from pipeline.common.errors import PipelineError
from pipeline.own.fingerprints import fingerprints
from pipeline.own.named_files import NamedFile

OWN = Path("own")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    (tmp_path / "project" / "own").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "project")


def put(path, text="text"):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def read(*paths, optional=False):
    named = [NamedFile("languages.de.corpus", Path(path), optional) for path in paths]
    return fingerprints(named, OWN)


def refusal(path, **named):
    with pytest.raises(PipelineError) as caught:
        read(path, **named)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_size_and_md5_of_each_file_in_the_order_of_paths():
    put("own/b.tsv", "Hund\tdog\n")
    put("own/model/config.json", "{}")
    put("own/model/sub/a.txt", "a")
    digest = hashlib.md5(b"Hund\tdog\n").hexdigest()
    prints = read("own/model", "own/b.tsv", "own/b.tsv")
    assert list(prints) == ["own/b.tsv", "own/model/config.json", "own/model/sub/a.txt"]
    assert prints["own/b.tsv"] == {"size": 9, "md5": digest}


def test_hidden_files_of_a_folder_do_not_count():
    put("own/model/config.json")
    before = read("own/model")
    put("own/model/.git/HEAD")
    put("own/model/.gitattributes")
    Path("own/model/.git/link").symlink_to(Path("own").absolute())
    assert read("own/model") == before


def test_links_to_files_have_the_content_of_their_target():
    target = put("../elsewhere/a.tsv", "one")
    Path("own/a.tsv").symlink_to("../../elsewhere/a.tsv")
    Path("own/model").mkdir()
    Path("own/model/a.tsv").symlink_to(target.absolute())
    before = read("own/a.tsv", "own/model")
    target.write_text("two")
    after = read("own/a.tsv", "own/model")
    assert [name for name in before if before[name] != after[name]] == [*before]


def test_links_to_folders_are_refused_with_a_command_that_works():
    put("../elsewhere/xlmr/config.json")
    elsewhere = Path("../elsewhere/xlmr").resolve()
    for link, named in {"own/xlmr": "own/xlmr", "own/nli": "own/nli/config.json"}.items():
        Path(link).symlink_to(elsewhere)
        assert refusal(named).endswith(f"link the files: cp -rs {elsewhere} {link}")
    put("own/model/config.json")
    Path("own/model/onnx").symlink_to(elsewhere)
    assert "own/model/onnx is a link to a folder" in refusal("own/model")


def test_the_folder_itself_may_be_a_link():
    Path("own").rmdir()
    put("../elsewhere/a.tsv")
    Path("own").symlink_to("../elsewhere")
    assert list(read("own/a.tsv")) == ["own/a.tsv"]


@pytest.mark.parametrize(
    "path",
    ["a.tsv", "own", "data/a.tsv", "own/../a.tsv", "own/b/../a.tsv", "../own/a.tsv", "Own/a.tsv"],
)
def test_files_outside_are_refused(path):
    put("own/b/a.tsv")
    expected = f"languages.de.corpus: {path} is not in own/, and DVC notices changes only there: "
    assert refusal(path).startswith(expected)


def test_a_path_with_line_breaks_is_one_line():
    assert "a b.tsv is not in own/" in refusal("a\nb.tsv")
    assert "own/a b.tsv is missing" in refusal("own/a\nb.tsv")


def test_absolute_paths_are_refused_also_into_the_folder():
    path = put("own/a.tsv").absolute()
    assert refusal(path).endswith("and name it own/a.tsv")


def test_missing_files_are_named_with_what_brings_them():
    assert "own/a.tsv is missing: put it there; `dvc exp run --temp`" in refusal("own/a.tsv")
    put("own/a.tsv.dvc")
    assert refusal("own/a.tsv").endswith("own/a.tsv is not here: dvc pull own/a.tsv")
    put("own/nli.dvc")
    assert refusal("own/nli/b.tsv").endswith("own/nli/b.tsv is not here: dvc pull own/nli/b.tsv")
    Path("own/c.tsv").symlink_to("/nowhere/c.tsv")
    assert refusal("own/c.tsv").endswith(
        "is a link to nothing: delete it or restore /nowhere/c.tsv"
    )
    put("own/model/config.json")
    Path("own/model/weights").symlink_to("/nowhere")
    assert "own/model/weights is a link to nothing" in refusal("own/model")


def test_optional_files_may_be_missing_but_not_outside():
    assert read("own/a.tsv", optional=True) == {}
    assert "is not in own/" in refusal("a.tsv", optional=True)
