"""A file of a dataset on the hub, from a real server on loopback."""

import hashlib
import re

import pytest
from hub import Hub, serve
from hub_files import new_home, set_endpoint, set_timeouts

from pipeline.common.errors import DamagedError, PipelineError
from pipeline.fetch.addresses import parse_address
from pipeline.fetch.local_copy import local_file

DATASET = {"kind": "dataset", "name": "team/pairs"}


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    new_home(tmp_path / "home", monkeypatch)
    (tmp_path / "data" / "de").mkdir(parents=True)
    (tmp_path / "data" / "de" / "a.tsv").write_text("ja\tyes\n")


def read(monkeypatch, url, tmp_path, file="de/a.tsv"):
    set_endpoint(monkeypatch, url)
    address = parse_address(f"hf:team/pairs@{Hub.commit}/{file}", "corpus", ())
    with local_file(address, tmp_path) as path:
        return path.read_text()


def test_a_file_at_a_commit(tmp_path, monkeypatch):
    with serve(Hub, folder=tmp_path / "data", **DATASET) as hub:
        assert read(monkeypatch, hub.url, tmp_path) == "ja\tyes\n"


def test_a_renamed_data_set_is_reported(tmp_path, monkeypatch, capfd):
    options = {"kind": "dataset", "old_name": "team/pairs", "name": "other/pairs"}
    with serve(Hub, folder=tmp_path / "data", **options) as hub:
        assert read(monkeypatch, hub.url, tmp_path) == "ja\tyes\n"
    assert "is called 'other/pairs' now: write that name" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("attributes", "file", "expected"),
    [
        ({"gated": True}, "de/a.tsv", r"\(gated\): log in .* licence at \S+/datasets/team/pairs$"),
        ({}, "de/b.tsv", r"\(no such file at this commit\): check its path at \S+/tree/main$"),
        ({"fault": "silent"}, "de/a.tsv", r"\(no data in time from \S+\): check the network"),
        ({"fault": "half"}, "de/a.tsv", r"\(no data in time from \S+\): check the network"),
        ({"fault": "500"}, "de/a.tsv", r"\(HTTP 500 from \S+\): try again later$"),
    ],
)
def test_the_reason_is_kept(attributes, file, expected, tmp_path, monkeypatch):
    set_timeouts(monkeypatch, 0.3)
    options = {"folder": tmp_path / "data", **DATASET, **attributes}
    with serve(Hub, **options) as hub, pytest.raises(PipelineError) as error:
        read(monkeypatch, hub.url, tmp_path, file)
    head = f"corpus 'hf:team/pairs@{Hub.commit}/{file}': not downloaded "
    assert str(error.value).startswith(head)
    assert re.match(expected, str(error.value).removeprefix(head)), str(error.value)


@pytest.mark.parametrize("kind", ["hf", "file"])
def test_a_checksum_in_the_address_is_compared_wherever_the_file_is(kind, tmp_path, monkeypatch):
    with serve(Hub, folder=tmp_path / "data", **DATASET) as hub:
        read(monkeypatch, hub.url, tmp_path, "de/a.tsv")  # makes the data
        place = {"hf": f"team/pairs@{Hub.commit}/de/a.tsv", "file": tmp_path / "data/de/a.tsv"}[
            kind
        ]
        right = hashlib.sha256((tmp_path / "data/de/a.tsv").read_bytes()).hexdigest()
        for sha256 in (right, right.upper()):
            with local_file(parse_address(f"{kind}:{place}#sha256={sha256}", "a", ()), tmp_path):
                pass
        wrong = local_file(parse_address(f"{kind}:{place}#sha256={'0' * 64}", "a", ()), tmp_path)
        with pytest.raises(PipelineError, match=f"sha256 is {right}, but 0+ is expected"), wrong:
            pass


def test_a_copy_other_than_its_checksum_or_that_cannot_be_read_is_fetched_again(
    tmp_path, monkeypatch
):
    """Large files have one; the stand-in has one for weights."""
    (tmp_path / "data" / "large.safetensors").write_text("large")
    options = {"folder": tmp_path / "data", **DATASET}
    with serve(Hub, **options) as store, serve(Hub, store=store.url, **options) as hub:
        for file in ("large.safetensors", "de/a.tsv"):
            set_endpoint(monkeypatch, hub.url)
            address = parse_address(f"hf:team/pairs@{Hub.commit}/{file}", "corpus", ())
            content = read(monkeypatch, hub.url, tmp_path, file)
            reading = local_file(address, tmp_path)
            with pytest.raises(DamagedError, match="not whole") as error, reading as path:
                blob = path.resolve()
                raise DamagedError("not whole")
            # What has the hub's checksum is as the hub has it: another download is no remedy.
            is_checked = file == "large.safetensors"
            assert (
                str(error.value).endswith("; the copy is deleted, run the step again") != is_checked
            )
            assert path.exists() == blob.exists() == is_checked
            assert read(monkeypatch, hub.url, tmp_path, file) == content
        blob = next((tmp_path / "home").rglob(hashlib.sha256(b"large").hexdigest()))
        blob.write_text("lagre")
        assert read(monkeypatch, hub.url, tmp_path, "large.safetensors") == "large"
        blob.write_text("lagre")
    with pytest.raises(PipelineError, match="no connection to"):  # offline
        read(monkeypatch, hub.url, tmp_path, "large.safetensors")
