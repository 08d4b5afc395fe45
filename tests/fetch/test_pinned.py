"""The checksums of the official archives, by their default addresses."""

import pytest
import yaml
from fault_server import ROOT, Served, isolate, serve
from web_copies import NEW, OLD, cached, fails, get, sha256

from pipeline.fetch.pinned import PINNED


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    isolate(monkeypatch)


def test_the_default_addresses_of_the_official_archives_are_pinned():
    params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    paper = yaml.safe_load((ROOT / "configs" / "paper.yaml").read_text("utf-8"))
    official = params["nli"]["xnli"] | paper["nli"]["xnli"]
    assert set(official.values()) == set(PINNED)
    names = {address.rsplit("/", 1)[1]: start[:8] for address, start in PINNED.items()}
    assert names == {
        "XNLI-1.0.zip": "4ba1d5e1",
        "XNLI-MT-1.0.zip": "f732517b",
        "multinli_1.0.zip": "049f507b",
    }


def test_a_pinned_address_takes_no_other_file_and_a_mirror_is_not_affected(tmp_path, monkeypatch):
    with serve(Served(NEW)) as server:
        monkeypatch.setitem(PINNED, f"{server.url}/a.tsv", sha256(OLD))
        message = fails(server, tmp_path, "a.tsv")
        assert sha256(OLD) in message
        assert sha256(NEW) in message
        assert cached(tmp_path) == []
        assert get(server, tmp_path, "mirror/a.tsv") == NEW
