"""Inference data from elsewhere, in the layouts of their publishers, over real servers."""

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from clones import ROOT, run
from fault_server import Served, isolate, serve
from nli_data import (
    ALL,
    own,
    rows,
    texts,
    write_hub,
    write_multinli,
    write_translated,
    write_xnli,
    xnli_tsv,
)
from s3_store import s3_store

from pipeline.common.errors import PipelineError
from pipeline.nli.reading import load_splits, summary
from pipeline.nli.sources import Files, addresses_of, check_address, official


def archives(folder: Path, **options: object) -> Files:
    """The three official archives, written to a folder."""
    xnli = write_xnli(folder / "XNLI-1.0.zip")
    multinli = write_multinli(folder / "multinli_1.0.zip", **options)
    translated = write_translated(folder / "XNLI-MT-1.0.zip")
    return official(f"file:{xnli}", f"file:{multinli}", f"file:{translated}")


def test_the_official_archives(tmp_path):
    splits, left_out = load_splits(archives(tmp_path), ["de", "sw"], ALL, tmp_path)
    for frame in splits.values():
        assert list(frame.columns) == ["id", "language", "premise", "hypothesis", "label"]
    for language in ("en", "de", "sw"):
        assert texts(splits["dev"], language) == rows(language, 0, 1)
        assert texts(splits["test"], language) == rows(language, 1, 3)
    assert texts(splits["train"], "en") == rows("en", 3, 4)
    machine = [(f"{p} &quot;", f"{h} .", label) for p, h, label in rows("de", 3, 4)]
    assert texts(splits["train"], "de") == machine
    assert left_out["train"] == {"no gold label": 1, "also in dev": 0, "also in test": 0}
    assert left_out["test"] == {"no gold label": 0}


def test_counts_show_a_language_without_data(tmp_path):
    splits, left_out = load_splits(archives(tmp_path), ["de", "ru"], ALL, tmp_path)
    counts = summary(splits, ["en", "de", "ru"], left_out)
    assert counts["examples"]["test"] == {"en": 6, "de": 6, "ru": 0}
    assert counts["examples"]["train"] == {"en": 3, "de": 3, "ru": 0}
    assert set(splits["test"].language) == {"en", "de"}


def test_sizes_take_the_first_of_each_label_the_same_rows_in_every_language(tmp_path):
    splits, _ = load_splits(archives(tmp_path), ["de"], {**ALL, "test": 3}, tmp_path)
    for language in ("en", "de"):
        assert texts(splits["test"], language) == rows(language, 1, 2)
        assert list(splits["test"][splits["test"].language == language].id) == [0, 1, 2]


def test_ids_count_what_was_left_out(tmp_path):
    more = (("Late", "one.", "neutral"),)
    splits, _ = load_splits(archives(tmp_path, more=more), [], ALL, tmp_path)
    assert list(splits["train"].id) == [0, 1, 2, 4]


def test_without_translations_training_is_english(tmp_path):
    files = archives(tmp_path)
    splits, _ = load_splits(Files(files.train, files.dev, files.test), ["de"], ALL, tmp_path)
    assert set(splits["train"].language) == {"en"}


def test_archives_come_from_a_web_server_once(tmp_path, monkeypatch):
    isolate(monkeypatch)
    write_xnli(tmp_path / "xnli.zip")
    multinli = write_multinli(tmp_path / "multinli.zip")
    with serve(Served((tmp_path / "xnli.zip").read_bytes())) as server:
        files = official(f"{server.url}/XNLI-1.0.zip", f"file:{multinli}", None)
        first, _ = load_splits(files, ["de"], ALL, tmp_path / "cache")
        asked = len(server.served.requests)
        again, _ = load_splits(files, ["de"], ALL, tmp_path / "cache")
        assert server.served.requests[asked:] == [("/XNLI-1.0.zip", "bytes=0-0")]  # has it changed?
    assert first["test"].equals(again["test"])
    assert texts(first["test"], "de") == rows("de", 1, 3)


def test_the_addresses_are_those_that_are_read():
    files = Files(
        train="https://host/a.zip#member=train.tsv",
        dev="https://host/a.zip#member=dev-{language}.tsv",
        test="https://host/{language}.tsv",
        translated="file:{language}.tsv",
        covered=frozenset({"en", "de"}),
    )
    places = [address.place for address in addresses_of(files, ["de", "sw"])]
    assert places == ["https://host/a.zip", "https://host/en.tsv", "https://host/de.tsv"]
    own = Files("file:train.tsv", "file:{language}-dev.tsv", "file:test.tsv")
    assert [address.place for address in addresses_of(own, ["de"])] == ["train.tsv", "test.tsv"]


def test_an_archive_of_an_object_store(tmp_path, monkeypatch):
    isolate(monkeypatch)
    content = write_xnli(tmp_path / "xnli.zip").read_bytes()
    multinli = write_multinli(tmp_path / "multinli.zip")
    public = {"x-amz-acl": "public-read"}
    with s3_store("team") as endpoint:
        requests.put(f"{endpoint}/team/XNLI-1.0.zip", content, headers=public, timeout=30)
        files = official(f"s3://team/XNLI-1.0.zip#endpoint={endpoint}", f"file:{multinli}", None)
        splits, _ = load_splits(files, ["de"], ALL, tmp_path / "cache")
    assert texts(splits["test"], "de") == rows("de", 1, 3)


class Hub(SimpleHTTPRequestHandler):
    """The part of the Hub that serves the files of one dataset at one commit."""

    commit = "0123456789abcdef0123456789abcdef01234567"

    def translate_path(self, path):
        prefix = f"/datasets/facebook/xnli/resolve/{self.commit}/"
        return super().translate_path(path.removeprefix(prefix) if prefix in path else "absent")

    def end_headers(self):
        self.send_header("X-Repo-Commit", self.commit)
        self.send_header("ETag", f'"{abs(hash(self.path))}"')
        super().end_headers()

    def log_message(self, *args):
        pass


def from_hub(folder, home, revision):
    """Load en, de and ru in a process of its own: the hub's client reads its endpoint once."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Hub, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    code = f"""
import sys
from pathlib import Path
from pipeline.nli.reading import PipelineError, load_splits
from pipeline.nli.sources import addresses_of, hub
files = hub("facebook/xnli", "{revision}", translated=True)
try:
    splits, _ = load_splits(files, ["de", "mi"], {ALL}, Path())
except PipelineError as error:
    sys.exit(str(error))
for split, frame in splits.items():
    for row in frame.itertuples(index=False):
        print(split, *row, sep="|")
"""
    endpoint = f"http://127.0.0.1:{server.server_port}"
    result = run(ROOT, "python", "-c", code, HF_ENDPOINT=endpoint, HF_HOME=str(home))
    server.shutdown()
    return result


def test_the_parquet_form_of_the_hub(tmp_path):
    write_hub(tmp_path / "hub")
    result = from_hub(tmp_path / "hub", tmp_path / "home", Hub.commit)
    assert result.returncode == 0, result.stderr
    expected = [
        "|".join([split, str(number), language, *row])
        for split, ends in (("train", (3, 4)), ("dev", (0, 1)), ("test", (1, 3)))
        for language in ("en", "de")
        for number, row in enumerate(rows(language, *ends))
    ]
    assert result.stdout.splitlines() == expected


def test_a_hub_without_the_commit_is_one_line(tmp_path):
    write_hub(tmp_path / "hub")
    result = from_hub(tmp_path / "hub", tmp_path / "home", "f" * 40)
    assert result.returncode == 1
    assert result.stderr.startswith("nli 'hf:facebook/xnli@fff")
    assert len(result.stderr.splitlines()) == 1


def test_files_of_a_language_each(tmp_path):
    for language in ("en", "de"):
        for split, ends in (("train", (3, 4)), ("dev", (0, 1)), ("test", (1, 3))):
            lines = ["\t".join(row) + "\n" for row in rows(language, *ends)]
            (tmp_path / f"{split}-{language}.tsv").write_text("".join(lines), "utf-8")
    named = f"file:{tmp_path}/{{}}-{{language}}.tsv#header=premise,hypothesis,label"
    train, dev, test = (named.replace("{}", split) for split in ("train", "dev", "test"))
    splits, _ = load_splits(Files(train, dev, test, train), ["de", "ru"], ALL, tmp_path)
    assert texts(splits["train"], "de") == rows("de", 3, 4)
    assert texts(splits["test"], "de") == rows("de", 1, 3)
    assert set(splits["test"].language) == {"en", "de"}


def test_nothing_left_to_test_is_refused(tmp_path):
    train, dev = xnli_tsv(["en"], 3, 4), xnli_tsv(["en"], 0, 1)
    files = own(tmp_path, train=train, dev=dev, test=xnli_tsv(["sw"], 1, 3))
    with pytest.raises(PipelineError, match=r"test.tsv.*: has no examples in en, de"):
        load_splits(files, ["de"], ALL, tmp_path)
    files = own(tmp_path, train=xnli_tsv(["de"], 3, 4))
    with pytest.raises(PipelineError, match=r"train.tsv.*: has no English examples"):
        load_splits(files, ["sw"], ALL, tmp_path)


def test_absent_archives_and_members_are_one_line(tmp_path):
    files = official(f"file:{tmp_path}/absent.zip", "file:x.zip", None)
    with pytest.raises(PipelineError, match=r"absent.zip: no such file"):
        load_splits(files, ["de"], ALL, tmp_path)
    wrong = write_multinli(tmp_path / "multinli.zip")
    files = official(f"file:{wrong}", f"file:{wrong}", None)
    with pytest.raises(PipelineError, match=r"0 members that end in xnli.dev.tsv, not one"):
        load_splits(files, ["de"], ALL, tmp_path)


@pytest.mark.parametrize("text", ["XNLI-1.0.zip", "ftp://host/a", "file:a.tsv#columns=a", "file:"])
def test_other_addresses_are_refused(text):
    with pytest.raises(PipelineError, match="is not file:, https:, s3:, hf: or package:"):
        check_address(text)
